import { sessionFetch } from './session-fetch';

type Progress = (loaded: number, total: number) => void;

/** Downloads and saves a file, because a link cannot carry a token. `total` is 0 if the server does not send the size. */
export async function download(url: string, name: string, onProgress: Progress = () => {}) {
  const response = await sessionFetch(url);
  if (!response.ok) throw new Error(`The server answered ${response.status}`);
  const blob = await new Response(response.body!.pipeThrough(counted(response, onProgress))).blob();
  const link = Object.assign(document.createElement('a'), {
    href: URL.createObjectURL(blob),
    download: name,
  });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function counted({ headers }: Response, onProgress: Progress) {
  const total = Number(headers.get('content-length'));
  let loaded = 0;
  return new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      loaded += chunk.length;
      onProgress(loaded, total);
      controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
    },
  });
}
