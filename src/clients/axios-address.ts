import type { InternalAxiosRequestConfig } from 'axios';

/** Where axios will send it. */
export function addressOf({ url = '', baseURL, allowAbsoluteUrls }: InternalAxiosRequestConfig): string {
  const absolute = /^([a-z][a-z\d+\-.]*:)?\/\//i.test(url);
  if (!baseURL || (absolute && allowAbsoluteUrls !== false)) return url;
  return url ? `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}` : baseURL;
}
