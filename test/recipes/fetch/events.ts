import { sessionFetch } from './session-fetch';

/** Calls `onEvent` with the data of each event, until the server closes the stream or the signal aborts. */
export async function listen(onEvent: (data: string) => void, signal: AbortSignal) {
  const response = await sessionFetch('/events/', { headers: { Accept: 'text/event-stream' }, signal });
  if (!response.ok) throw new Error(`The server answered ${response.status}`);
  for await (const line of linesOf(response.body!)) {
    if (line.startsWith('data:')) onEvent(line.slice(5).trim());
  }
}

async function* linesOf(body: ReadableStream<BufferSource>) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value = '' } = await reader.read();
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (done) return;
  }
}
