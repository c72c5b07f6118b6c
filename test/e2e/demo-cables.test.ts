import type { Locator } from 'playwright-core';
import { describe, expect, inject, it } from 'vitest';
import type { Counts } from '../../demo/backend/messages.ts';
import { newContext } from '../support/browser.ts';
import { axeFindings } from './axe.ts';
import { CABLES, type Cable } from './cables.ts';
import { Playground } from './playground.ts';

const demo = inject('demo');

describe('a pulled cable of the playground', () => {
  it('says what to expect, and then what happened according to the backends, without findings of axe', {
    timeout: 300_000,
  }, async () => {
    const left = [...CABLES];
    const work = async () => {
      for (let next = left.shift(); next; next = left.shift()) await check(next);
    };
    // Several at the same time, because a run mostly waits.
    await Promise.all(Array.from({ length: 4 }, work));
  });

  it('is one of the cables that are tested here, has no findings of axe, and moves no control', async () => {
    const playground = await Playground.open(await newContext(), demo);
    const { page } = playground;
    const part = await playground.unfold('Pull a cable');
    const offered = await part.locator('.cables:not(.variants) label').allTextContents();
    expect(offered).toEqual(CABLES.map(({ name }) => name));
    const cables = await placesOf(part.locator('.cables label'));
    await playground.choose('Refresh refused');
    expect(await placesOf(part.locator('.cables label'))).toEqual(cables);
    await playground.hold();
    const button = await placesOf(playground.button('Pull it'));
    await playground.button('Pull it').click();
    await page.getByText('Now the page asks').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    const stage = playground.stage('Cable: Refresh refused');
    expect(await stage.getAttribute('aria-busy')).toBe('true');
    expect(await placesOf(playground.button('Pull it'))).toEqual(button);
    await playground.release();
    await playground.finished(stage);
  });
});

/** The positions of elements on the page, independent of scrolling. */
function placesOf(elements: Locator): Promise<number[][]> {
  return elements.evaluateAll((all) =>
    all.map((element) => {
      const { left, top, width } = element.getBoundingClientRect();
      return [left, top + scrollY, width];
    }),
  );
}

/**
 * Pulls the cable twice: next to the copied interceptor on a phone, and next to the one with a queue on a wide screen.
 */
async function check(cable: Cable): Promise<void> {
  const playground = await Playground.open(await newContext(), demo);
  await playground.unfold('Pull a cable');
  await playground.choose(cable.name);
  expect.soft(await axeFindings(playground.page, { widths: [390] }), cable.name).toEqual([]);
  await compare(playground, cable, 'copied', 390);
  await playground.page.getByRole('radio', { name: 'The same with a queue' }).check();
  await compare(playground, cable, 'queued', 1600);
  expect.soft(playground.complaints, cable.name).toEqual([]);
}

async function compare(
  playground: Playground,
  cable: Cable,
  left: 'copied' | 'queued',
  width: number,
): Promise<void> {
  const { name, unexpired } = cable;
  const where = `${name}, ${left}`;
  await playground.page.setViewportSize({ width, height: 900 });
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
  for (const list of await stage.getByText('Session events').all()) await list.click();
  // The rest of the page was checked before the run.
  expect.soft(await axeFindings(playground.page, { widths: [width], include: '.stage' }), where).toEqual([]);
}
