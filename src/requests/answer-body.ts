import type { AnswerView, Backend } from '../backends/backend.js';

/**
 * Formats of streams, which may never end: server-sent events, JSON sequences, JSON lines, Spring's `stream+json`, and Kubernetes'
 * `json;stream=watch`.
 */
const ENDLESS = /event-stream|json-seq|jsonl|ndjson|stream\+json|;\s*stream=/i;
const JSON_TYPE = /[/+]json\s*(;|$)/i;

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

/** Parses text as JSON. Returns the text itself if it is not JSON. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
