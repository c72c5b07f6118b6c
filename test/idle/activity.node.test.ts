import { describe, expect, it, vi } from 'vitest';
import { memoryStore } from '../../src/index.js';
import { SECOND, TOKENS, useBrowser } from './tabs.js';

const { open, pass } = useBrowser();

interface Listening {
  type: string;
  listener: (event: object) => void;
  options: AddEventListenerOptions;
}

interface Fired extends Partial<PointerEvent> {
  isHidden?: boolean;
}

const USER_EVENTS = ['pointermove', 'pointerdown', 'keydown', 'click', 'keyup', 'wheel'];

/** No script can make an event that is trusted, so the tests call the page's listeners as a browser would. */
function usePage() {
  let listening: Listening[] = [];
  type Act = (type: string, listener: Listening['listener'], options?: AddEventListenerOptions) => void;
  const add: Act = (type, listener, options = {}) => listening.push({ type, listener, options });
  const remove: Act = (type, listener, options = {}) => {
    const isThis = (one: Listening) =>
      one.type === type && one.listener === listener && !!one.options.capture === !!options.capture;
    listening = listening.filter((one) => !isThis(one));
  };
  vi.stubGlobal('addEventListener', add);
  vi.stubGlobal('removeEventListener', remove);
  const listeners = () => listening.filter(({ type }) => USER_EVENTS.includes(type));
  return {
    listeners,
    /** `isHidden`: a handler of the page stops the event, so that only listeners that capture hear it. */
    fire(type: string, { isHidden = false, ...fields }: Fired = {}) {
      const event = { type, isTrusted: true, ...fields };
      for (const one of listeners())
        if (one.type === type && (!isHidden || one.options.capture)) one.listener(event);
    },
  };
}

/** A tab with a session that ends after 15 s without activity, with a warning in the last second. */
async function signedIn() {
  const options = { idleAfter: 15 * SECOND, warnBefore: SECOND, activity: undefined };
  const tab = open(options, { store: memoryStore() });
  await tab.session.signIn(TOKENS);
  return tab;
}

/** A tab whose warning is open. */
async function warned() {
  const page = usePage();
  const tab = await signedIn();
  await pass(14 * SECOND);
  expect(tab.watch.view.status).toBe('warning');
  return { ...page, tab };
}

/** What is shown when the time would be over, if `act` happened 5 s before. */
async function shownAfter(act: (page: ReturnType<typeof usePage>) => void): Promise<string> {
  const page = usePage();
  const tab = await signedIn();
  await pass(10 * SECOND);
  act(page);
  await pass(5 * SECOND);
  return tab.watch.view.status;
}

describe('by default, the user’s own activity in the page counts', () => {
  it.each(USER_EVENTS)('%s puts the warning off', async (type) => {
    expect(await shownAfter(({ fire }) => fire(type))).toBe('active');
  });

  it.each(USER_EVENTS)('%s does not, if a script made the event', async (type) => {
    expect(await shownAfter(({ fire }) => fire(type, { isTrusted: false }))).toBe('idle');
  });

  it.each([
    ['does not, if the pointer lies still', 0, 0, 'idle'],
    ['does, if the pointer moves sideways', 1, 0, 'active'],
    ['does, if the pointer moves up', 0, -1, 'active'],
  ])('pointermove %s', async (_, movementX, movementY, status) => {
    expect(await shownAfter(({ fire }) => fire('pointermove', { movementX, movementY }))).toBe(status);
  });

  it('a press counts though the pointer lies still', async () => {
    const still = { movementX: 0, movementY: 0 };
    expect(await shownAfter(({ fire }) => fire('pointerdown', still))).toBe('active');
  });

  it.each(['pointermove', 'pointerdown', 'keydown'])('%s also if the page hides it', async (type) => {
    expect(await shownAfter(({ fire }) => fire(type, { isHidden: true }))).toBe('active');
  });

  it.each([
    ['pointermove', 'warning'],
    ['pointerdown', 'warning'],
    ['keydown', 'warning'],
    ['click', 'active'],
    ['keyup', 'active'],
    ['wheel', 'active'],
  ])('%s: an open warning is then %s', async (type, status) => {
    const { fire, tab } = await warned();
    fire(type);
    expect(tab.watch.view.status).toBe(status);
  });

  it('a dialog that stops a click keeps its warning open', async () => {
    const { fire, tab } = await warned();
    fire('click', { isHidden: true });
    expect(tab.watch.view.status).toBe('warning');
  });

  it('delays no scrolling, and leaves no listener behind', async () => {
    const { listeners, tab } = await warned();
    expect(listeners().map(({ type }) => type)).toEqual(USER_EVENTS);
    expect(listeners().every(({ options }) => options.passive)).toBe(true);
    tab.watch.stop();
    expect(listeners()).toEqual([]);
  });

  it('there is none where there is no page', async () => {
    vi.stubGlobal('addEventListener', undefined);
    vi.stubGlobal('removeEventListener', undefined);
    const tab = await signedIn();
    await pass(15 * SECOND);
    expect(tab.idle).toHaveLength(1);
    tab.watch.stop();
  });
});
