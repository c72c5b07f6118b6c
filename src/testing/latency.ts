import type { Endpoint } from './options.js';
import type { TestBackendSettings } from './settings.js';

/** Waits for the latency of an endpoint. It looks up the global `setTimeout` at each call, so that fake timers work. */
export function waitLatency(
  { latency }: TestBackendSettings,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<void> | undefined {
  return delay(typeof latency === 'number' ? latency : (latency[endpoint] ?? 0), signal);
}

function delay(ms: number, signal: AbortSignal): Promise<void> | undefined {
  if (!ms) return undefined;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
