import { AxiosHeaders, type AxiosResponse } from 'axios';
import type { AnswerView, Backend } from '../backends/backend.js';
import { isBodyNeeded, jsonOrText } from '../requests/answer-body.js';
import { isBytes } from '../requests/body.js';
import { classOf } from '../requests/class-of.js';
import { isStream } from '../requests/stream.js';

/**
 * Converts an axios response, before axios transforms it, to the form that a backend judges. `ahead`: the text of a
 * body that can only be read asynchronously.
 */
export function answerOf({ status, headers, data }: AxiosResponse, ahead?: string): AnswerView {
  return {
    status,
    headers: {
      get: (name) => {
        const value = AxiosHeaders.from(headers as AxiosHeaders).get(name);
        return value === undefined || value === null ? null : String(value);
      },
    },
    body() {
      const text = ahead ?? textOf(data);
      if (text !== undefined) return jsonOrText(text);
      return isStream(data) ? undefined : data;
    },
  };
}

function textOf(data: unknown): string | undefined {
  if (typeof data === 'string') return data;
  return isBytes(data) ? new TextDecoder().decode(data) : undefined;
}

/**
 * The same for a body that is a `Blob` or a stream. Reads it only if the backend needs it; the caller can still read
 * it afterwards.
 */
export async function readAnswer(response: AxiosResponse, backend: Backend): Promise<AnswerView> {
  const view = answerOf(response);
  if (!isBodyNeeded(backend, view)) return view;
  // If the connection breaks, the caller gets the error when it reads the body.
  return answerOf(response, await readBody(response).catch(() => undefined));
}

/** The part of a Node stream that is used here. */
interface NodeStream extends AsyncIterable<Uint8Array> {
  constructor: { from(chunks: Uint8Array[], options: { objectMode: boolean }): NodeStream };
}

async function readBody(response: AxiosResponse): Promise<string | undefined> {
  const { data } = response;
  if (classOf(data) === 'Blob') return new Response(data).text();
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
