import { AxiosHeaders, type AxiosResponse } from 'axios';
import type { AnswerView } from '../backends/backend.js';

/** An axios response before axios has transformed it, in the shape in which a backend judges it. */
export class AxiosAnswer implements AnswerView {
  readonly #response: AxiosResponse;
  readonly #text: string | undefined;

  /** `text`: of a body that can only be read asynchronously, read ahead. */
  constructor(response: AxiosResponse, text: string | undefined) {
    this.#response = response;
    this.#text = text;
  }

  get status(): number {
    return this.#response.status;
  }

  get headers(): AnswerView['headers'] {
    const headers = AxiosHeaders.from(this.#response.headers as AxiosHeaders);
    return { get: (name) => (headers.get(name) as string | undefined) ?? null };
  }

  body(): unknown {
    const { data } = this.#response;
    const text = this.#text ?? asText(data);
    if (text === undefined) return isStream(data) ? undefined : data;
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
}

function asText(data: unknown): string | undefined {
  if (typeof data === 'string') return data;
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data) ? new TextDecoder().decode(data) : undefined;
}

/** Node's streams and WHATWG's. */
export function isStream(value: unknown): boolean {
  const { pipe, getReader } = (value ?? {}) as { pipe?: unknown; getReader?: unknown };
  return typeof (pipe ?? getReader) === 'function';
}
