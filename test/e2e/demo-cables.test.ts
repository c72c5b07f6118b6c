import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Counts } from '../../demo/backend/messages.ts';
import { newContext } from '../support/browser.ts';
import { axeFindings } from './axe.ts';
import { type Demo, startDemo } from './demo-driver.ts';
import { Playground } from './playground.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo.stop());

type Code = 'copied' | 'queued' | 'unexpired';

interface Expected {
  /** As its backend counts. */
  counts: Partial<Counts>;
  /** What the page says afterwards. */
  says: string;
}

type Cable = { name: string } & Record<Code, Expected>;

const expected = (says: string, counts: Partial<Counts>): Expected => ({ says, counts });

const LOST = 'Nobody is signed in. The login page opened 50 times.';
const LOST_ONCE = 'Nobody is signed in. The login page opened once.';
const KEPT = 'Afterwards: all 50 orders were answered. Kevin is signed in.';
const FINE = '1 refresh reached the backend. All 50 orders were answered. Kevin is signed in.';

const CABLES: Cable[] = [
  {
    name: 'Network down',
    copied: expected(`No refresh reached the backend. All 50 orders failed (no connection). ${LOST}`, {
      ...{ refreshes: 0, refreshFailures: 0, ordersOk: 0 },
    }),
    queued: expected(`1 refresh reached the backend. All 50 orders failed (no connection). ${KEPT}`, {
      ...{ refreshes: 1, refreshFailures: 0, ordersOk: 50, ordersRefused: 50 },
    }),
    unexpired: expected(
      `1 refresh reached the backend. All 50 orders failed (refresh_unavailable). ${KEPT}`,
      {
        ...{ refreshes: 1, refreshFailures: 0, ordersOk: 50, ordersRefused: 0, logins: 1 },
      },
    ),
  },
  ...[500, 429].map((status) => ({
    name: status === 500 ? 'Error 500' : '429, Retry-After',
    copied: expected(`50 refreshes reached the backend. All 50 orders failed (status ${status}). ${LOST}`, {
      ...{ refreshes: 0, refreshFailures: 50, ordersOk: 0 },
    }),
    queued: expected(`1 refresh reached the backend. All 50 orders failed (status ${status}). ${LOST_ONCE}`, {
      ...{ refreshes: 0, refreshFailures: 1, ordersOk: 0 },
    }),
    unexpired: expected(
      `2 refreshes reached the backend. All 50 orders failed (refresh_unavailable). ${KEPT}`,
      {
        ...{ refreshes: 1, refreshFailures: 1, ordersOk: 50, ordersRefused: 0, logins: 1 },
      },
    ),
  })),
  {
    name: 'Answer lost',
    copied: expected(`1 refresh reached the backend. The order failed (no connection). ${LOST_ONCE}`, {
      ...{ refreshes: 1, ordersOk: 0 },
    }),
    queued: expected(`1 refresh reached the backend. The order failed (no connection). ${LOST_ONCE}`, {
      ...{ refreshes: 1, ordersOk: 0 },
    }),
    unexpired: expected(
      '2 refreshes reached the backend. The order failed (refresh_unavailable). Afterwards: the order was answered. Kevin is signed in.',
      { refreshes: 2, refreshFailures: 0, ordersOk: 1, logins: 1 },
    ),
  },
  {
    name: 'Refresh refused',
    copied: expected(`50 refreshes reached the backend. All 50 orders failed (no usable answer). ${LOST}`, {
      ...{ refreshes: 0, refreshFailures: 50, ordersOk: 0 },
    }),
    queued: expected(`1 refresh reached the backend. All 50 orders failed (no usable answer). ${LOST_ONCE}`, {
      ...{ refreshes: 0, refreshFailures: 1, ordersOk: 0 },
    }),
    unexpired: expected(
      `1 refresh reached the backend. All 50 orders failed (refresh_rejected). ${LOST_ONCE}`,
      {
        ...{ refreshes: 0, refreshFailures: 1, ordersOk: 0 },
      },
    ),
  },
  {
    name: 'Wrong clock',
    copied: expected(LOST, { refreshes: 1, refreshFailures: 49, ordersOk: 0 }),
    queued: expected('No refresh reached the backend. All 50 orders were answered. Kevin is signed in.', {
      ...{ refreshes: 0, ordersOk: 50, ordersRefused: 0 },
    }),
    unexpired: expected(FINE, { refreshes: 1, refreshFailures: 0, ordersOk: 50, ordersRefused: 0 }),
  },
  {
    name: 'Time zone',
    copied: expected(`No refresh reached the backend. All 50 orders failed (status 403). ${LOST}`, {
      ...{ refreshes: 0, refreshFailures: 0, ordersOk: 0, ordersRefused: 50 },
    }),
    queued: expected(FINE, { refreshes: 1, ordersOk: 50, ordersRefused: 50 }),
    unexpired: expected(FINE, { refreshes: 1, ordersOk: 50, ordersRefused: 0 }),
  },
  {
    name: 'Sign-out elsewhere',
    copied: expected('The order was answered. Kevin is signed in.', { refreshes: 1, ordersOk: 1 }),
    queued: expected('The order was answered. Kevin is signed in.', { refreshes: 1, ordersOk: 1 }),
    unexpired: expected(`The order failed (signed_out). ${LOST_ONCE}`, {
      ...{ refreshes: 1, ordersOk: 0, ordersRefused: 0 },
    }),
  },
  {
    name: 'Another user',
    copied: expected('1 order was sent in another user’s name. Kevin is signed in.', {
      ...{ refreshes: 1, ordersOk: 2, mistaken: 1, logins: 2 },
    }),
    queued: expected('1 order was sent in another user’s name. Kevin is signed in.', {
      ...{ refreshes: 1, ordersOk: 2, mistaken: 1, logins: 2 },
    }),
    unexpired: expected('The order failed (session_changed). Ann is signed in.', {
      ...{ refreshes: 1, ordersOk: 1, mistaken: 0, logins: 2 },
    }),
  },
  {
    name: 'A second tab',
    copied: expected(LOST, { refreshes: 1, refreshFailures: 49, reuses: 1, ordersOk: 0 }),
    queued: expected('2 refreshes reached the backend.', { refreshes: 1, refreshFailures: 1, reuses: 1 }),
    unexpired: expected(FINE, { refreshes: 1, reuses: 0, ordersOk: 50, ordersRefused: 0, requests: 52 }),
  },
];

describe('a pulled cable', () => {
  it('says what to expect, and afterwards what happened, as the backends have counted', {
    timeout: 120_000,
  }, async () => {
    const left = [...CABLES];
    const work = async () => {
      for (let next = left.shift(); next; next = left.shift()) await check(next);
    };
    // Several at once, because a run mostly waits.
    await Promise.all([work(), work(), work(), work()]);
  });

  it('has no finding of axe, before it is pulled, while it is, and afterwards', async () => {
    const playground = await Playground.open(await newContext(), demo.url);
    const { page } = playground;
    await playground.unfold('Pull a cable');
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('radio', { name: 'Refresh refused' }).check();
    await playground.button('Pull it').click();
    await page.getByText('Now the page asks').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await playground.finished(playground.stage('Cable: Refresh refused'));
    expect(await axeFindings(page)).toEqual([]);
  });

  it('offers each cable that is tested here, and no other', async () => {
    const playground = await Playground.open(await newContext(), demo.url);
    const part = await playground.unfold('Pull a cable');
    expect(await part.locator('.cables:not(.variants) label').allTextContents()).toEqual(
      CABLES.map(({ name }) => name),
    );
  });
});

/** Pulls the cable twice: beside the copied interceptor, and beside the same with a queue. */
async function check(cable: Cable): Promise<void> {
  const playground = await Playground.open(await newContext(), demo.url);
  await playground.unfold('Pull a cable');
  await compare(playground, cable, 'copied');
  await playground.page.getByRole('radio', { name: 'The same with a queue' }).check();
  await compare(playground, cable, 'queued');
  expect.soft(playground.complaints, cable.name).toEqual([]);
}

async function compare(playground: Playground, cable: Cable, left: 'copied' | 'queued'): Promise<void> {
  const { name, unexpired } = cable;
  const where = `${name}, ${left}`;
  const stage = await playground.pull(name);
  const counts = {
    copied: await playground.counts('copied'),
    unexpired: await playground.counts('unexpired'),
  };

  expect.soft(counts, where).toMatchObject({ copied: cable[left].counts, unexpired: unexpired.counts });
  expect.soft(await playground.outcome(stage, 'copied'), where).toContain(cable[left].says);
  expect.soft(await playground.outcome(stage, 'unexpired'), where).toContain(unexpired.says);
  const refreshes = ({ refreshes, refreshFailures }: Counts) => String(refreshes + refreshFailures);
  expect.soft(await playground.score(stage), where).toMatchObject({
    'Refresh calls': [refreshes(counts.copied), refreshes(counts.unexpired)],
    'Orders answered': [String(counts.copied.ordersOk), String(counts.unexpired.ordersOk)],
    'Calls in all': [counts.copied, counts.unexpired].map(({ requests, logins }) =>
      String(requests - logins),
    ),
  });
  const promised = await stage.locator('.words dd:not(.outcome)').allTextContents();
  expect
    .soft(
      promised.map((sentence) => sentence.length > 20),
      where,
    )
    .toEqual([true, true]);
}
