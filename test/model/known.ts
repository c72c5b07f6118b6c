import type { CookieProgram, Program } from './moves.ts';

/** Programs that found a fault once. They run first. */
export const KNOWN: [Program][] = [
  // A tab is killed between its two writes: the store says that bob signed in, the ledger still says ann.
  [
    {
      ...{ locks: false, rotation: 'strict', opaque: true, start: 'sign-in', tabs: 2 },
      moves: [
        { move: 'expire' },
        { move: 'signIn', tab: 3, user: 'bob' },
        { move: 'kill', tab: 1 },
        { move: 'step', choice: 0 },
        { move: 'open' },
        { move: 'request', tab: 0 },
        { move: 'refresh', tab: 1 },
      ],
    },
  ],
  // A tab writes a sign-out to the store late, after another tab has signed in again.
  [
    {
      ...{ locks: false, rotation: 'strict', opaque: false, start: 'sign-in', tabs: 1 },
      moves: [
        { move: 'open' },
        { move: 'signIn', tab: 0, user: 'ann' },
        { move: 'signIn', tab: 1, user: 'ann' },
        { move: 'wait', ms: 100 },
        { move: 'signOut', tab: 0 },
        { move: 'drain' },
        { move: 'wait', ms: 1_000 },
        { move: 'signIn', tab: 0, user: 'ann' },
      ],
    },
  ],
  // A user signs out when Redis has just lost its data, and the generation of the tokens is ahead of the clock.
  [
    {
      ...{ locks: false, rotation: 'strict', opaque: false, start: 'sign-in', tabs: 2 },
      moves: [
        { move: 'signIn', tab: 1, user: 'ann' },
        { move: 'refresh', tab: 1 },
        { move: 'expire' },
        { move: 'request', tab: 0 },
        { move: 'drain' },
        { move: 'clear', tab: 0 },
        { move: 'signOut', tab: 0 },
      ],
    },
  ],
  // A user signs in while a page that has just opened reads an old entry.
  [
    {
      ...{ locks: false, rotation: 'strict', opaque: false, start: 'existing', tabs: 1 },
      moves: [
        { move: 'signOut', tab: 0 },
        { move: 'open' },
        { move: 'wait', ms: 61_000 },
        { move: 'open' },
        { move: 'signIn', tab: 2, user: 'ann' },
      ],
    },
  ],
  // A sign-out waits for a refresh that never ends: it called the server after it had been given up.
  [
    {
      ...{ locks: true, rotation: 'strict', opaque: false, start: 'sign-in', tabs: 1 },
      moves: [
        { move: 'wait', ms: 61_000 },
        { move: 'request', tab: 0 },
        { move: 'fail', fault: 'hang' },
        { move: 'step', choice: 0 },
        { move: 'step', choice: 0 },
        { move: 'step', choice: 0 },
        { move: 'step', choice: 0 },
        { move: 'signOut', tab: 0 },
        { move: 'failRevoke', fault: 'hang' },
      ],
    },
  ],
  // A tab has new tokens that other tabs do not know, and its next refresh fails while another tab signs out.
  [
    {
      ...{ locks: false, rotation: 'strict', opaque: false, start: 'sign-in', tabs: 2 },
      moves: [
        { move: 'wait', ms: 61_000 },
        { move: 'request', tab: 3 },
        { move: 'step', choice: 0 },
        { move: 'step', choice: 0 },
        { move: 'step', choice: 0 },
        { move: 'step', choice: 0 },
        { move: 'step', choice: 0 },
        { move: 'step', choice: 0 },
        { move: 'fail', fault: 'unsent' },
        { move: 'step', choice: 2 },
        { move: 'refresh', tab: 1 },
        { move: 'signOut', tab: 0 },
      ],
    },
  ],
  // A process signs out of a session that has just been replaced, while another process drops new tokens of that
  // session.
  [
    {
      ...{ locks: false, rotation: 'strict', opaque: false, start: 'sign-in', tabs: 3 },
      moves: [
        { move: 'signIn', tab: 1, user: 'ann' },
        { move: 'step', choice: 0 },
        { move: 'signIn', tab: 0, user: 'ann' },
        { move: 'refresh', tab: 1 },
        { move: 'request', tab: 0 },
        { move: 'request', tab: 0 },
        { move: 'wait', ms: 1_000 },
        { move: 'step', choice: 9 },
        { move: 'step', choice: 6 },
        { move: 'signOut', tab: 2 },
      ],
    },
  ],
  // Redis loses a sign-out while another process refreshes, and the new tokens are recorded first.
  [
    {
      ...{ locks: false, rotation: 'strict', opaque: false, start: 'sign-in', tabs: 2 },
      moves: [
        { move: 'wait', ms: 61_000 },
        { move: 'request', tab: 1 },
        { move: 'step', choice: 0 },
        { move: 'step', choice: 0 },
        { move: 'step', choice: 0 },
        { move: 'signOut', tab: 0 },
        { move: 'step', choice: 0 },
        { move: 'step', choice: 10 },
        { move: 'clear', tab: 0 },
      ],
    },
  ],
  // A process refreshes when the server knows of a sign-out, but Redis does not yet.
  [
    {
      ...{ locks: false, rotation: 'strict', opaque: false, start: 'sign-in', tabs: 1 },
      moves: [
        { move: 'request', tab: 0 },
        { move: 'open' },
        { move: 'step', choice: 1 },
        { move: 'step', choice: 0 },
        { move: 'step', choice: 0 },
        { move: 'signOut', tab: 1 },
        { move: 'step', choice: 0 },
        { move: 'step', choice: 0 },
        { move: 'step', choice: 1 },
        { move: 'step', choice: 9 },
        { move: 'refresh', tab: 0 },
        { move: 'step', choice: 3 },
        { move: 'step', choice: 9 },
        { move: 'step', choice: 3 },
        { move: 'step', choice: 7 },
        { move: 'step', choice: 3 },
      ],
    },
  ],
  // Redis loses everything, and then gets the record of a failed refresh first.
  [
    {
      ...{ locks: false, rotation: 'strict', opaque: false, start: 'old store', tabs: 2 },
      moves: [
        { move: 'refresh', tab: 3 },
        { move: 'drain' },
        { move: 'clear', tab: 0 },
        { move: 'refresh', tab: 3 },
        { move: 'fail', fault: 'lost' },
      ],
    },
  ],
  // A tab opens soon after the server has ended the session, and gets the tokens of old code again.
  [
    {
      ...{ locks: false, rotation: 'strict', opaque: false, start: 'existing', tabs: 1 },
      moves: [
        { move: 'open' },
        { move: 'refresh', tab: 1 },
        { move: 'kill', tab: 0 },
        { move: 'wait', ms: 61_000 },
        { move: 'fail', fault: 'lost' },
        { move: 'request', tab: 0 },
        { move: 'step', choice: 0 },
        { move: 'step', choice: 0 },
        { move: 'step', choice: 0 },
        { move: 'step', choice: 0 },
        { move: 'step', choice: 0 },
        { move: 'step', choice: 0 },
        { move: 'wait', ms: 61_000 },
        { move: 'open' },
      ],
    },
  ],
  // A process signs out and in again before another process, which has new tokens of the old session, gets a message.
  [
    {
      ...{ locks: false, rotation: 'strict', opaque: false, start: 'existing', tabs: 2 },
      moves: [
        { move: 'step', choice: 0 },
        { move: 'step', choice: 0 },
        { move: 'request', tab: 0 },
        { move: 'refresh', tab: 3 },
        { move: 'signIn', tab: 1, user: 'ann' },
        { move: 'drain' },
        { move: 'signOut', tab: 0 },
        { move: 'signIn', tab: 0, user: 'ann' },
      ],
    },
  ],
];

const cookies: Omit<CookieProgram, 'tabs' | 'moves'> = {
  ...{ locks: false, rotation: 'strict', opaque: false, start: 'sign-in' },
  ...{ user: 'field', tells: false, csrf: false, tidy: false },
};

/** The same, where both tokens are in cookies. */
export const KNOWN_OF_COOKIES: [CookieProgram][] = [
  // A tab learns of another user's sign-in, and cannot request the user: it continued as ann, with bob's cookies.
  [
    {
      ...{ ...cookies, tabs: 2 },
      moves: [
        { move: 'signIn', tab: 0, user: 'bob' },
        { move: 'fail', fault: 'unsent' },
      ],
    },
  ],
  // The same, and then a refusal: the tab found ann's session in its own store, where it had not been removed.
  [
    {
      ...{ ...cookies, tabs: 2 },
      moves: [
        { move: 'signIn', tab: 0, user: 'bob' },
        { move: 'fail', fault: 'refuse' },
      ],
    },
  ],
  // A tab that another tab has signed out refreshes after a sign-in, and is refused: its own store signed it in again.
  [
    {
      ...{ ...cookies, tidy: true, tabs: 3 },
      moves: [
        { move: 'kill', tab: 0 },
        { move: 'fail', fault: 'lost' },
        { move: 'signIn', tab: 1, user: 'ann' },
      ],
    },
  ],
  // Bob's login and a refresh with ann's cookies overlap: the tab of the login belongs to bob, the other tab finds ann.
  [
    {
      ...{ ...cookies, tabs: 1 },
      moves: [{ move: 'open' }, { move: 'signIn', tab: 0, user: 'bob' }, { move: 'wait', ms: 1_000 }],
    },
  ],
  // Two tabs take so long to refresh one after the other that a third tab no longer waited for its turn.
  [
    {
      ...{ ...cookies, locks: true, tabs: 4 },
      moves: [
        { move: 'fail', fault: 'hang' },
        { move: 'fail', fault: 'hang' },
        { move: 'signIn', tab: 0, user: 'ann' },
        { move: 'wait', ms: 9_000 },
        { move: 'step', choice: 0 },
      ],
    },
  ],
  // The same, but the first of the two is killed, so nothing in the ledger shows the third tab that turns still pass.
  [
    {
      ...{ ...cookies, locks: true, tabs: 4 },
      moves: [
        { move: 'fail', fault: 'hang' },
        { move: 'fail', fault: 'hang' },
        { move: 'signIn', tab: 1, user: 'ann' },
        { move: 'wait', ms: 9_000 },
        { move: 'step', choice: 0 },
        { move: 'kill', tab: 0 },
      ],
    },
  ],
  // A request leaves with the cookie of a refresh that the page does not know yet, and is refused: it was sent again
  // with the same cookie.
  [
    {
      ...{ ...cookies, locks: true, tabs: 1 },
      moves: [
        { move: 'refresh', tab: 0 },
        ...Array.from({ length: 8 }, () => ({ move: 'step', choice: 0 }) as const),
        { move: 'expire' },
        { move: 'wait', ms: 1 },
        { move: 'request', tab: 0 },
      ],
    },
  ],
  // A page calls a refresh while its login is under way. The refresh leaves with the cookies of the login, and the sign-in
  // cancels it. `await session.signOut()` before the login prevents this.
  [
    {
      ...{ ...cookies, start: 'existing', tabs: 1 },
      moves: [
        { move: 'signIn', tab: 0, user: 'ann' },
        ...[1, 0, 0, 0, 3, 0, 0, 0, 3, 3].map((choice) => ({ move: 'step', choice }) as const),
      ],
    },
  ],
  // The access token that a refresh brings has expired before it arrives, so a request is refused twice.
  [
    {
      ...{ ...cookies, start: 'existing', tabs: 4 },
      moves: [
        { move: 'wait', ms: 9_200 },
        { move: 'expire' },
        { move: 'wait', ms: 1 },
        { move: 'request', tab: 0 },
        { move: 'wait', ms: 1_000 },
      ],
    },
  ],
];
