import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { type IdleWatch, watchIdle } from '../../src/idle/index.js';
import { createSession, localStorageStore, type Session, type TokenSet } from '../../src/index.js';

beforeEach(() => localStorage.clear());

/** A tab with a session that other tabs share under `key`. */
function open(key: string): Session {
  const session = createSession({
    backend: { readTokens: (body) => body as TokenSet, refresh: () => Promise.reject(new Error('not here')) },
    store: localStorageStore({ key }),
  });
  onTestFinished(() => session.dispose());
  return session;
}

const TOKENS = { accessToken: 'a', refreshToken: 'r' };

/** Warns after `warnAfter` ms without activity. */
async function start(key: string, warnAfter = 500) {
  const session = open(key);
  await session.signIn(TOKENS);
  const button = document.body.appendChild(document.createElement('button'));
  button.textContent = 'Work';
  onTestFinished(() => button.remove());
  const warned = vi.fn();
  const watch = watchIdle(session, { idleAfter: 60_000, warnBefore: 60_000 - warnAfter, onWarning: warned });
  const warning = () => expect.poll(() => watch.view.status).toBe('warning');
  return { session, watch, button, warned, warning, closed: closingOf(watch) };
}

/**
 * Waits until an open warning is closed. On a busy browser, the click may be so slow that the next warning is open by
 * then.
 */
function closingOf(watch: IdleWatch): () => Promise<void> {
  const seen: string[] = [];
  watch.subscribe(() => seen.push(watch.view.status));
  return () => expect.poll(() => seen.slice(0, 2)).toEqual(['warning', 'active']);
}

describe('activity of the user in a page', () => {
  it.each([
    ['a click', (button: Element) => userEvent.click(button)],
    ['a key', () => userEvent.keyboard('a')],
  ])('%s closes the warning', async (name, act) => {
    const { button, warning, closed } = await start(name);
    await warning();
    await act(button);
    await closed();
  });

  it('a button of the dialog works before the warning closes', async () => {
    const { session, watch, button, warning } = await start('dialog');
    const seen: string[] = [];
    button.onclick = () => {
      seen.push(watch.view.status);
      void session.signOut();
    };
    await warning();
    await userEvent.click(button);
    expect(seen).toEqual(['warning']);
    expect(session.status).toBe('signed-out');
  });

  it('events that a script dispatches do not count', async () => {
    const { watch, button, warning } = await start('script');
    await warning();
    const { view } = watch;
    button.click();
    dispatchEvent(new KeyboardEvent('keyup', { key: 'a' }));
    dispatchEvent(new WheelEvent('wheel'));
    expect(watch.view).toBe(view);
  });

  it('a moving pointer delays the warning, but does not close an open one', async () => {
    // Long enough for a busy browser to move the pointer in time.
    const { watch, button, warning, warned } = await start('pointer', 5_000);
    const moves: number[] = [];
    // An event without a movement does not come from the user.
    const noteMove = ({ movementX, movementY }: PointerEvent) => {
      if (movementX || movementY) moves.push(performance.now());
    };
    addEventListener('pointermove', noteMove);
    onTestFinished(() => removeEventListener('pointermove', noteMove));
    let warnedAt = 0;
    warned.mockImplementation(() => (warnedAt ||= performance.now()));
    await userEvent.hover(document.body);
    await userEvent.hover(button);
    await warning();
    const lastMove = moves.findLast((at) => at < warnedAt)!;
    // A timer may fire a millisecond early.
    expect(warnedAt - lastMove).toBeGreaterThanOrEqual(4_998);
    const { view } = watch;
    await userEvent.unhover(button);
    await userEvent.hover(button);
    expect(moves.length).toBeGreaterThan(1);
    expect(watch.view).toBe(view);
  });

  it('does not count after stop()', async () => {
    const { watch, button, warning } = await start('stop');
    await warning();
    watch.stop();
    const { view } = watch;
    await userEvent.click(button);
    expect(watch.view).toBe(view);
  });

  it('in one tab closes the warning in another', async () => {
    const { button, warning, closed } = await start('two');
    const other = open('two');
    const second = watchIdle(other, { idleAfter: 60_000, warnBefore: 59_500, activity: () => () => {} });
    const closedThere = closingOf(second);
    await warning();
    await expect.poll(() => second.view.status).toBe('warning');
    await userEvent.click(button);
    await closed();
    await closedThere();
  });
});
