import {
  type AxiosAdapter,
  AxiosError,
  type AxiosResponse,
  getAdapter,
  type InternalAxiosRequestConfig,
} from 'axios';

/**
 * Whether axios is going to parse the answer as a form. Its fetch adapter does so before anybody can see the answer, and fails if it
 * is none, as a refusal. The other adapters give the text.
 */
export function isFormWanted(config: InternalAxiosRequestConfig, adapter: AxiosAdapter): boolean {
  if (!/^formdata$/i.test(config.responseType ?? '')) return false;
  try {
    return adapter === getAdapter('fetch', config);
  } catch {
    return false; // no fetch here
  }
}

/** Parses an answer of bytes as axios's fetch adapter does. @throws {AxiosError} if it is no form. */
export function formOf({ data, headers, config, request }: AxiosResponse): Promise<FormData> {
  const type = String(headers['content-type'] ?? '');
  return new Response(data, { headers: { 'Content-Type': type } }).formData().catch((error) => {
    throw AxiosError.from(error, error.code, config, request);
  });
}
