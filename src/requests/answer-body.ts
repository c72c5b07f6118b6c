import type { AnswerView, Backend } from '../backends/backend.js';

/** Formats of streams, which may never end: server-sent events, JSON sequences, JSON lines, and Spring's `stream+json`. */
const ENDLESS = /event-stream|json-seq|jsonl|ndjson|stream\+json/i;
const JSON_TYPE = /[/+]json\s*(;|$)/i;

/**
 * Whether the body of an answer must be read before its backend can judge it: the backend looks at it, and it has an end. A
 * download is never read, nor is a stream of events.
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
    // It is asked again with the body, and may throw then.
  }
  return isNeeded;
}

/** Reads text as JSON. Returns the text itself if it is none. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
