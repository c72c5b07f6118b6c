import { AxiosHeaders, type AxiosResponse } from 'axios';
import type { AnswerView } from '../backends/backend.js';

/** The text of bodies that can only be read asynchronously. */
const texts = new WeakMap<AxiosResponse, string>();

/** An axios response before axios has transformed it, in the shape in which a backend judges it. */
export class AxiosAnswer implements AnswerView {
  /** Reads a `Blob`, so that `body` can show it. */
  static async preread(response: AxiosResponse<Blob>): Promise<void> {
    texts.set(response, await response.data.text());
  }

  readonly #response: AxiosResponse;

  constructor(response: AxiosResponse) {
    this.#response = response;
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
    const text = texts.get(this.#response) ?? asText(data);
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
