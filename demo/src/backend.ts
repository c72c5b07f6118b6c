import { setupWorker } from 'msw/browser';
import { ref } from 'vue';
import { type Command, createDemoBackend, type DemoState } from '../backend/demo-backend';

declare const __BACKEND_PLACE__: 'page' | 'server';

/** Where the backend runs, as `npm run demo` was told. */
export const place = __BACKEND_PLACE__;

/** ms. Long enough to be seen. */
const ORDER_LATENCY = 200;

const inPage = place === 'page' ? createDemoBackend(ORDER_LATENCY) : undefined;

/** How the backend stood when it was last asked. */
export const backendState = ref<DemoState>();

let asked = 0;

export async function startBackend(): Promise<void> {
  if (inPage) await setupWorker(...inPage.handlers).start({ quiet: true, onUnhandledFrame: 'bypass' });
  await askBackend();
}

/** Tells the backend what to do, if anything, and asks how it stands. */
export async function askBackend(command: Command = {}): Promise<DemoState> {
  const turn = ++asked;
  const state = inPage ? inPage.execute(command) : await askServer(command);
  // Over HTTP answers can overtake each other.
  if (turn === asked) backendState.value = state;
  return state;
}

async function askServer(command: Command): Promise<DemoState> {
  const answer = await fetch('/backend', { method: 'POST', body: JSON.stringify(command) });
  return answer.json();
}
