import { setupWorker } from 'msw/browser';
import { ref } from 'vue';
import { type Command, createDemoBackend, type DemoState } from '../backend/demo-backend';

declare const __BACKEND_PLACE__: 'page' | 'server';

/** Where the backend runs: an option of `npm run demo`. */
export const place = __BACKEND_PLACE__;

/** ms. Long enough to see in the timeline. */
const ORDER_LATENCY = 200;

const inPage = place === 'page' ? createDemoBackend(ORDER_LATENCY) : undefined;

/** The latest known state of the backend. */
export const backendState = ref<DemoState>();

let sent = 0;

export async function startBackend(): Promise<void> {
  if (inPage) await setupWorker(...inPage.handlers).start({ quiet: true, onUnhandledFrame: 'bypass' });
  await askBackend();
}

/** Sends a command to the backend, if there is one, and updates its state. */
export async function askBackend(command: Command = {}): Promise<DemoState> {
  const number = ++sent;
  const state = inPage ? inPage.execute(command) : await askServer(command);
  // Over HTTP, responses can arrive in another order.
  if (number === sent) backendState.value = state;
  return state;
}

async function askServer(command: Command): Promise<DemoState> {
  const response = await fetch('/backend', { method: 'POST', body: JSON.stringify(command) });
  return response.json();
}
