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

/** Scripts cannot create trusted events, so the tests call the page's listeners like a browser. */
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
    /** `isHidden`: a handler of the page stops the event, so that only capturing listeners receive it. */
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

/** The status at the end of the idle time if `act` happened 5 s earlier. */
async function shownAfter(act: (page: ReturnType<typeof usePage>) => void): Promise<string> {
  const page = usePage();
  const tab = await signedIn();
  await pass(10 * SECOND);
  act(page);
  await pass(5 * SECOND);
  return tab.watch.view.status;
}

describe('by default, the user’s own events in the page count as activity', () => {
  it.each(USER_EVENTS)('%s delays the warning', async (type) => {
    expect(await shownAfter(({ fire }) => fire(type))).toBe('active');
  });

  it.each(USER_EVENTS)('%s does not count if a script dispatched the event', async (type) => {
    expect(await shownAfter(({ fire }) => fire(type, { isTrusted: false }))).toBe('idle');
  });

  it.each([
    ['does not count if the pointer does not move', 0, 0, 'idle'],
    ['counts if the pointer moves sideways', 1, 0, 'active'],
    ['counts if the pointer moves up', 0, -1, 'active'],
  ])('pointermove %s', async (_, movementX, movementY, status) => {
    expect(await shownAfter(({ fire }) => fire('pointermove', { movementX, movementY }))).toBe(status);
  });

  it('pointerdown counts even if the pointer does not move', async () => {
    const still = { movementX: 0, movementY: 0 };
    expect(await shownAfter(({ fire }) => fire('pointerdown', still))).toBe('active');
  });

  it.each(['pointermove', 'pointerdown', 'keydown'])(
    '%s counts even if the page stops the event',
    async (type) => {
      expect(await shownAfter(({ fire }) => fire(type, { isHidden: true }))).toBe('active');
    },
  );

  it.each([
    ['pointermove', 'warning'],
    ['pointerdown', 'warning'],
    ['keydown', 'warning'],
    ['click', 'active'],
    ['keyup', 'active'],
    ['wheel', 'active'],
  ])('%s while the warning is open leads to the status %s', async (type, status) => {
    const { fire, tab } = await warned();
    fire(type);
    expect(tab.watch.view.status).toBe(status);
  });

  it('a click that a dialog stops does not close the warning', async () => {
    const { fire, tab } = await warned();
    fire('click', { isHidden: true });
    expect(tab.watch.view.status).toBe('warning');
  });

  it('the listeners are passive, and stop() removes them', async () => {
    const { listeners, tab } = await warned();
    expect(listeners().map(({ type }) => type)).toEqual(USER_EVENTS);
    expect(listeners().every(({ options }) => options.passive)).toBe(true);
    tab.watch.stop();
    expect(listeners()).toEqual([]);
  });

  it('nothing counts outside a page', async () => {
    vi.stubGlobal('addEventListener', undefined);
    vi.stubGlobal('removeEventListener', undefined);
    const tab = await signedIn();
    await pass(15 * SECOND);
    expect(tab.idle).toHaveLength(1);
    tab.watch.stop();
  });
});
