import { type AnyHandler, http } from 'msw';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** The longest delay of a request in ms of real time. */
    networkDelay: number;
  }
}

/** The platform's timer, because tests replace the global one. */
const { setTimeout } = globalThis;

const longest = inject('networkDelay');
const delay = http.all(
  '*',
  () => new Promise<void>((resolve) => void setTimeout(resolve, Math.random() * longest)),
);

/** If `NETWORK_DELAY` is set, delays each request by a random time, to find the tests that need a fast network. */
export function slowDown<N extends { use(...handlers: AnyHandler[]): void }>(network: N): N {
  const use = network.use.bind(network);
  if (longest) network.use = (...handlers) => use(delay, ...handlers);
  return network;
}
