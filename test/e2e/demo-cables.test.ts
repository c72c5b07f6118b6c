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

interface Expected {
  cable: string;
  /** As the backends count. */
  copied: Partial<Counts>;
  unexpired: Partial<Counts>;
  /** What the page says afterwards. */
  says: [copied: string, unexpired: string];
}

const KEPT =
  'All 50 orders failed (refresh_unavailable). Afterwards: all 50 orders were answered. Kevin is signed in.';
const LOST = 'Nobody is signed in. The login page opened 50 times.';

const CABLES: Expected[] = [
  {
    cable: 'Network down',
    copied: { refreshes: 0, refreshFailures: 0, ordersOk: 0 },
    unexpired: { refreshes: 1, refreshFailures: 0, ordersOk: 50, logins: 1 },
    says: [
      `No refresh reached the backend. All 50 orders failed (no connection). ${LOST}`,
      `1 refresh reached the backend. ${KEPT}`,
    ],
  },
  {
    cable: 'Error 500',
    copied: { refreshes: 0, refreshFailures: 50, ordersOk: 0 },
    unexpired: { refreshes: 1, refreshFailures: 1, ordersOk: 50, logins: 1 },
    says: [
      `50 refreshes reached the backend. All 50 orders failed (status 500). ${LOST}`,
      `2 refreshes reached the backend. ${KEPT}`,
    ],
  },
  {
    cable: '429, Retry-After',
    copied: { refreshes: 0, refreshFailures: 50, ordersOk: 0 },
    unexpired: { refreshes: 1, refreshFailures: 1, ordersOk: 50, logins: 1 },
    says: [
      `50 refreshes reached the backend. All 50 orders failed (status 429). ${LOST}`,
      `2 refreshes reached the backend. ${KEPT}`,
    ],
  },
  {
    cable: 'Answer lost',
    copied: { refreshes: 1, ordersOk: 0 },
    unexpired: { refreshes: 2, refreshFailures: 0, ordersOk: 1, logins: 1 },
    says: [
      '1 refresh reached the backend. The order failed (no connection). Nobody is signed in. The login page opened once.',
      '2 refreshes reached the backend. The order failed (refresh_unavailable). Afterwards: the order was answered. Kevin is signed in.',
    ],
  },
  {
    cable: 'Refresh refused',
    copied: { refreshes: 0, refreshFailures: 50, ordersOk: 0 },
    unexpired: { refreshes: 0, refreshFailures: 1, ordersOk: 0 },
    says: [
      `50 refreshes reached the backend. All 50 orders failed (no usable answer). ${LOST}`,
      '1 refresh reached the backend. All 50 orders failed (refresh_rejected). Nobody is signed in. The login page opened once.',
    ],
  },
  {
    cable: 'Wrong clock',
    copied: { refreshes: 1, refreshFailures: 49, ordersOk: 0 },
    unexpired: { refreshes: 1, refreshFailures: 0, ordersOk: 50, ordersRefused: 0 },
    says: [LOST, '1 refresh reached the backend. All 50 orders were answered. Kevin is signed in.'],
  },
  {
    cable: 'Time zone',
    copied: { refreshes: 0, refreshFailures: 0, ordersOk: 0, ordersRefused: 50 },
    unexpired: { refreshes: 1, refreshFailures: 0, ordersOk: 50, ordersRefused: 0 },
    says: [
      `No refresh reached the backend. All 50 orders failed (status 403). ${LOST}`,
      '1 refresh reached the backend. All 50 orders were answered. Kevin is signed in.',
    ],
  },
  {
    cable: 'Sign-out elsewhere',
    copied: { refreshes: 1, ordersOk: 1 },
    unexpired: { refreshes: 1, ordersOk: 0, ordersRefused: 0 },
    says: [
      '1 refresh reached the backend. The order was answered. Kevin is signed in.',
      '1 refresh reached the backend. The order failed (signed_out). Nobody is signed in. The login page opened once.',
    ],
  },
  {
    cable: 'Another user',
    copied: { refreshes: 1, ordersOk: 2, mistaken: 1, logins: 2 },
    unexpired: { refreshes: 1, ordersOk: 1, mistaken: 0, logins: 2 },
    says: [
      '1 refresh reached the backend. The order was answered. 1 order was sent in another user’s name. Kevin is signed in.',
      '1 refresh reached the backend. The order failed (session_changed). Ann is signed in.',
    ],
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
    await Promise.all([work(), work(), work()]);
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
    expect(await part.locator('.cables label').allTextContents()).toEqual(CABLES.map(({ cable }) => cable));
  });
});

async function check({ cable, copied, unexpired, says }: Expected): Promise<void> {
  const playground = await Playground.open(await newContext(), demo.url);
  await playground.unfold('Pull a cable');
  const stage = await playground.pull(cable);

  expect.soft(await playground.outcome(stage, 'copied'), cable).toContain(says[0]);
  expect.soft(await playground.outcome(stage, 'unexpired'), cable).toContain(says[1]);
  const counts = {
    copied: await playground.counts('copied'),
    unexpired: await playground.counts('unexpired'),
  };
  expect.soft(counts, cable).toMatchObject({ copied, unexpired });
  const refreshes = ({ refreshes, refreshFailures }: Counts) => String(refreshes + refreshFailures);
  expect.soft(await playground.score(stage), cable).toMatchObject({
    'Refresh calls': [refreshes(counts.copied), refreshes(counts.unexpired)],
    'Orders answered': [String(counts.copied.ordersOk), String(counts.unexpired.ordersOk)],
  });
  for (const column of ['copied', 'unexpired']) {
    expect.soft(await stage.locator(`.column.${column} .words dd`).first().textContent()).toMatch(/\.$/);
  }
  expect.soft(playground.complaints, cable).toEqual([]);
}
