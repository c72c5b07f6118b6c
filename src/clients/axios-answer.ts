import { AxiosHeaders, type AxiosResponse } from 'axios';
import type { AnswerView } from '../backends/backend.js';
import { jsonOrText } from '../bodies/json.js';
import { isStream } from '../bodies/stream.js';
import { isBytes } from '../requests/body.js';

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
