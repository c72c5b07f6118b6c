import type { Endpoint, TestBackendSettings } from './options.js';

/** Waits as long as an endpoint takes. By the global timers, looked up late, so that fake ones can take their place. */
export function passLatency(
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
