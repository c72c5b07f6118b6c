import { refresher } from './refresher.js';

const ORDERS = 3;
/** ms. Who has not been answered then never will be. */
const PATIENCE = 10_000;

/** The application in each tab. */
export async function startPage(contender) {
  const isFirst = location.search === '?first';
  const { origin } = location;
  const client = await contender.create({
    baseURL: origin,
    tokens: isFirst ? await fetch('/sign-in').then((answer) => answer.json()) : null,
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
      // Playwright would wait for it.
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
