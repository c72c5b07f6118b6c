import { refresher } from './refresher.js';

const ORDERS = 3;
/** ms. A request without a response after this time counts as failed. */
const PATIENCE = 10_000;

/** The app that runs in each tab. */
export async function startPage(contender) {
  const isFirst = location.search === '?first';
  const { origin } = location;
  const client = await contender.create({
    baseURL: origin,
    tokens: isFirst ? await fetch('/sign-in').then((response) => response.json()) : null,
    storage: localStorage,
    refresh: refresher(origin),
    transport: {},
  });
  const signal = new BroadcastChannel('signal');
  const now = () => performance.timeOrigin + performance.now();

  const answered = () =>
    Promise.race([
      client.get('/order/').then(
        () => true,
        () => false,
      ),
      new Promise((resolve) => setTimeout(resolve, PATIENCE, false)),
    ]);

  async function order() {
    const began = now();
    const answers = await Promise.all(Array.from({ length: ORDERS }, answered));
    return { began, answers, ended: now() };
  }

  globalThis.tab = {
    orderOnSignal() {
      globalThis.tab.results = new Promise((resolve) => {
        signal.addEventListener('message', () => resolve(order()), { once: true });
      });
      // Does not return the promise, because Playwright would wait for it.
      return true;
    },
    giveSignal() {
      signal.postMessage('go');
      globalThis.tab.results = order();
      return true;
    },
    isLost: async () => !(await answered()),
  };
}
