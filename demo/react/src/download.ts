import { sessionFetch } from './api';

/** Saves a response as a file, because a link cannot carry the token. */
export async function download(url: string, name: string): Promise<void> {
  const response = await sessionFetch(url);
  if (!response.ok) return;
  const href = URL.createObjectURL(await response.blob());
  Object.assign(document.createElement('a'), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
