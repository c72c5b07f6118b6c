import type { AnswerView, Backend } from '../backends/backend.js';

/**
 * Whether the body of a response must be read before its backend can judge it: the backend needs it, and the body has
 * an end. Downloads and event streams are never read.
 */
export function isBodyNeeded(backend: Backend, { status, headers }: AnswerView): boolean {
  const type = headers.get('content-type') ?? '';
  const isOk = status >= 200 && status < 300;
  if (isOk ? !isJson(type) : isEndless(type)) return false;
  let isNeeded = false;
  const body = () => {
    isNeeded = true;
    throw new Error('The body has not been read yet');
  };
  try {
    backend.refuses?.({ status, headers, body });
    backend.stepUp?.({ status, headers, body });
  } catch {
    // The backend is asked again with the body, and may throw then.
  }
  return isNeeded;
}

function isJson(type: string): boolean {
  return /[/+]json\s*(;|$)/i.test(type) && !isEndless(type);
}

/** Stream formats that may never end: server-sent events, JSON sequences, JSON lines, and Spring's `stream+json`. */
function isEndless(type: string): boolean {
  return /event-stream|json-seq|jsonl|ndjson|stream\+json/i.test(type);
}

/** Parses text as JSON. Returns the text itself if it is not JSON. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
