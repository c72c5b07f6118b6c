import {
  type AxiosAdapter,
  AxiosError,
  type AxiosResponse,
  getAdapter,
  type InternalAxiosRequestConfig,
} from 'axios';

/** Whether the request uses axios's own fetch adapter, however it was chosen. */
export function isFetchAdapter(config: InternalAxiosRequestConfig, adapter: AxiosAdapter): boolean {
  try {
    return adapter === getAdapter('fetch', config);
  } catch {
    return false; // there is no fetch here
  }
}

/** Parses a response of bytes as axios's fetch adapter does. @throws {AxiosError} if it is not a form. */
export function formOf({ data, headers, config, request }: AxiosResponse): Promise<FormData> {
  const type = String(headers['content-type']);
  return new Response(data, { headers: { 'Content-Type': type } }).formData().catch((error) => {
    throw AxiosError.from(error, error.code, config, request);
  });
}
