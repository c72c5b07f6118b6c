import { AxiosHeaders, type AxiosResponse } from 'axios';
import type { AnswerView } from '../backends/backend.js';
import { isStream } from '../requests/stream.js';

/**
 * An axios response before axios has transformed it, in the shape in which a backend judges it. `ahead`: the text of a body
 * that can only be read asynchronously.
 */
export function answerOf({ status, headers, data }: AxiosResponse, ahead?: string): AnswerView {
  return {
    status,
    headers: {
      get: (name) => (AxiosHeaders.from(headers as AxiosHeaders).get(name) as string | undefined) ?? null,
    },
    body() {
      const text = ahead ?? asText(data);
      if (text === undefined) return isStream(data) ? undefined : data;
      try {
        return JSON.parse(text);
      } catch {
        return text;
      }
    },
  };
}

function asText(data: unknown): string | undefined {
  if (typeof data === 'string') return data;
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data) ? new TextDecoder().decode(data) : undefined;
}
