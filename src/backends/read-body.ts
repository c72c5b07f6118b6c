import { classOf } from '../bodies/class-of.js';
import { isStream } from '../bodies/stream.js';
import type { AnswerView, Backend } from './backend.js';

/**
 * Formats of streams, which may never end: server-sent events, JSON sequences, JSON lines, Spring's `stream+json`, and Kubernetes'
 * `json;stream=watch`.
 */
const ENDLESS = /event-stream|json-seq|jsonl|ndjson|stream\+json|;\s*stream=/i;
const JSON_TYPE = /[/+]json\s*(;|$)/i;

/**
 * Reads the text of an axios response whose body is a `Blob` or a stream, if the backend needs it to judge the response. The caller
 * can still read the body afterwards. Give it to a backend of your own: `{ …, refuses, readBody }`.
 */
export async function readBody(
  this: Backend,
  response: { data: unknown },
  answer: AnswerView,
): Promise<string | undefined> {
  if (!isBodyNeeded(this, answer)) return undefined;
  const { data } = response;
  if (classOf(data) === 'Blob') return new Response(data as Blob).text();
  if (!isStream(data)) return undefined;
  if (classOf(data) === 'ReadableStream') {
    const [copy, rest] = (data as ReadableStream<Uint8Array>).tee();
    response.data = rest;
    return new Response(copy).text();
  }
  const chunks: Uint8Array[] = [];
  const stream = data as unknown as NodeStream;
  for await (const chunk of stream) chunks.push(chunk);
  response.data = stream.constructor.from(chunks, { objectMode: false });
  return new Response(new Blob(chunks as BlobPart[])).text();
}

/** The part of a Node stream that is used here. */
interface NodeStream extends AsyncIterable<Uint8Array> {
  constructor: { from(chunks: Uint8Array[], options: { objectMode: boolean }): NodeStream };
}

/**
 * Whether the body of a response must be read before its backend can judge it: the backend needs it, and the body has
 * an end. Downloads and event streams are never read.
 */
export function isBodyNeeded(backend: Backend, { status, headers }: AnswerView): boolean {
  const type = headers.get('content-type') ?? '';
  const isOk = status >= 200 && status < 300;
  if (ENDLESS.test(type) || (isOk && !JSON_TYPE.test(type))) return false;
  let isNeeded = false;
  const body = () => {
    isNeeded = true;
    throw new Error('Not read yet');
  };
  try {
    backend.refuses?.({ status, headers, body });
    backend.stepUp?.({ status, headers, body });
  } catch {
    // The backend is asked again with the body, and may throw then.
  }
  return isNeeded;
}
