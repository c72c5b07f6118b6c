import { sessionFetch } from './api';

/** Saves an answer as a file: a link could not carry the token. */
export async function download(url: string, name: string): Promise<void> {
  const answer = await sessionFetch(url);
  if (!answer.ok) return;
  const href = URL.createObjectURL(await answer.blob());
  Object.assign(document.createElement('a'), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
