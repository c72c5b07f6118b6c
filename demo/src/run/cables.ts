import type { Script } from './script';
import { SHANGHAI, zoneAhead } from './zone';

/** What to expect from each code. */
export interface Expected {
  readonly copied: string;
  readonly queued: string;
  readonly unexpired: string;
}

/** Something that goes wrong. */
export interface Cable {
  readonly name: string;
  /** What goes wrong, in one sentence. */
  readonly what: string;
  readonly expect: Expected;
  readonly script: Script;
}

const HOURS = 3_600_000;
const ZONE = zoneAhead();

export const CABLES: readonly Cable[] = [
  {
    name: 'Network down',
    what: 'The network fails when the token has expired, and comes back after the first fifty orders.',
    expect: {
      copied: 'It treats the lost connection as the end of the session, and opens the login page.',
      queued:
        'The orders fail, the user stays signed in. Each of the next fifty is refused first, and sent again.',
      unexpired: 'The orders fail with a reason, the user stays signed in, and the next fifty orders work.',
    },
    script: {
      orders: 50,
      pull: [
        ['fail', 'refresh', 'network'],
        ['fail', 'order', 'network'],
      ],
      plug: [
        ['fail', 'refresh', null],
        ['fail', 'order', null],
      ],
    },
  },
  {
    name: 'Error 500',
    what: 'The server answers a refresh with 500, and then works again.',
    expect: {
      copied: 'Fifty refreshes fail, and sign the user out.',
      queued: 'A single 500 signs the user out.',
      unexpired:
        'The user stays signed in. After a short pause, a second refresh serves the next fifty orders.',
    },
    script: { orders: 50, pull: [['fail', 'refresh', { status: 500 }]], plug: [['fail', 'refresh', null]] },
  },
  {
    name: '429, Retry-After',
    what: 'The server answers “too many requests, try again in 2 seconds”.',
    expect: {
      copied: 'Fifty refreshes reach the overloaded server, and the user is signed out.',
      queued: 'One call, and the user is signed out.',
      unexpired:
        'One call. The next one is sent after the two seconds, and the next fifty orders are answered.',
    },
    script: {
      orders: 50,
      pull: [['fail', 'refresh', { status: 429, retryAfter: 2 }]],
      plug: [['fail', 'refresh', null]],
    },
  },
  {
    name: 'Answer lost',
    what: 'The server rotates the refresh token, but its answer is lost. It accepts the old token for another ten seconds.',
    expect: {
      copied: 'The lost answer signs the user out.',
      queued: 'The lost answer signs the user out.',
      unexpired:
        'The order fails with a reason. The next one refreshes with the old token, within its ten seconds.',
    },
    script: {
      orders: 1,
      rules: { rotation: 'grace' },
      pull: [['failNext', 'refresh', 'lost-answer']],
      plug: [],
    },
  },
  {
    name: 'Refresh refused',
    what: 'The server refuses the refresh token: the session has really ended.',
    expect: {
      copied: 'Fifty refused refreshes, and the login page opens fifty times.',
      queued: 'One refused refresh, and the login page opens once.',
      unexpired: 'One refused refresh, and the login page opens once.',
    },
    script: { orders: 50, pull: [['fail', 'refresh', 'refuse']] },
  },
  {
    name: 'Wrong clock',
    what: 'The computer’s clock is two hours fast. The access token is new.',
    expect: {
      copied: 'The new token looks expired, so every order refreshes, and the session is lost.',
      queued: 'It never looks at a clock: all orders are answered.',
      unexpired: 'It refreshes once, learns the server’s time from the answer, and all orders are answered.',
    },
    script: { orders: 50, rules: { clock: -2 * HOURS }, fresh: true },
  },
  {
    name: 'Time zone',
    what: `The server sends its times in another time zone (${ZONE === SHANGHAI ? 'Shanghai' : 'Kiritimati'}), without an offset.`,
    expect: {
      copied: 'It treats the expired token as valid for hours, so the orders are refused.',
      queued: 'It never looks at the time: one refresh, after fifty refused orders.',
      unexpired: 'It reads the expiry from the token itself: one refresh, all orders answered.',
    },
    script: { orders: 50, rules: { timeZone: ZONE } },
  },
  {
    name: 'Sign-out elsewhere',
    what: 'While an order waits for the refresh, the user signs out in another tab.',
    expect: {
      copied: 'The late answer signs the user in again, without their knowledge.',
      queued: 'The late answer signs the user in again, without their knowledge.',
      unexpired: 'The late answer is dropped, and the order is not sent.',
    },
    script: { orders: 1, meanwhile: ({ otherTab }) => otherTab.signOut() },
  },
  {
    name: 'Another user',
    what: 'While Kevin’s order waits for the refresh, Ann signs in in another tab. Then she orders there.',
    expect: {
      copied: 'Kevin’s tokens replace Ann’s. Her order is sent in his name.',
      queued: 'Kevin’s tokens replace Ann’s. Her order is sent in his name.',
      unexpired: 'Kevin’s order is not sent, and Ann’s is sent in her name.',
    },
    script: {
      orders: 1,
      meanwhile: ({ otherTab }) => otherTab.signIn('ann'),
      finally: ({ otherTab }) => otherTab.api.get('order/', { params: { for: 'ann', number: 1 } }),
    },
  },
  {
    name: 'A second tab',
    what: 'Two tabs of the same user ask for twenty-five orders each, at the same moment.',
    expect: {
      copied: 'Fifty refreshes with one refresh token: the session is lost.',
      queued: 'One refresh in each tab, both with the same refresh token: the session is lost.',
      unexpired: 'One refresh for both tabs, and all orders are answered.',
    },
    script: { orders: 50, tabs: 2 },
  },
];
