import { type AxiosAdapter, CanceledError, type InternalAxiosRequestConfig } from 'axios';
import { isFetchAdapter } from './axios-fetch.js';
import { type Timeout, timeoutError } from './axios-timeout.js';

/** Methods that axios has had since 0.22 but does not declare. */
interface CancelTokenWithListeners {
  subscribe(listener: (reason: unknown) => void): void;
  unsubscribe(listener: (reason: unknown) => void): void;
}

/** Waits for `work` no longer than the request's own `signal`, `cancelToken` and `timeout` allow, and fails as axios does. */
export function waitWithin<T>(
  work: Promise<T>,
  config: InternalAxiosRequestConfig,
  { remaining }: Timeout,
  adapter: AxiosAdapter,
): Promise<T> {
  const { signal, data } = config;
  const cancelToken = config.cancelToken as CancelTokenWithListeners | undefined;
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(new CanceledError(undefined, config));
    const onTimeout = () => reject(timeoutError(config, isFetchAdapter(config, adapter)));
    const timer = remaining === undefined ? undefined : setTimeout(onTimeout, remaining);
    if (signal?.aborted) onAbort();
    signal?.addEventListener?.('abort', onAbort);
    cancelToken?.subscribe(reject);
    // A stream of Node. Nobody else listens to it yet, and its error would end the process.
    data?.on?.('error', reject);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener?.('abort', onAbort);
      cancelToken?.unsubscribe(reject);
    });
  });
}
