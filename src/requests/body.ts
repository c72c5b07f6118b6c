import { classOf } from '../bodies/class-of.js';
import { fieldsOf } from '../bodies/form.js';
import { isStream } from '../bodies/stream.js';

/** Bytes. A request that is sent at once copies buffers up to this size, which takes about 0.1 ms. */
const COPY_LIMIT = 2 ** 20;

/**
 * The body of one request as it was at the call, even if the caller changes the object later. fetch and
 * XMLHttpRequest copy a body when they are called. So does a request that has to wait. A request that can be sent at
 * once sends the original and keeps what a second sending needs:
 * - Text, `Blob` and `File` never change.
 * - `URLSearchParams`, `FormData` and plain objects are copied; files in a form are not read.
 * - A buffer is copied up to 1 MiB. If a larger one is refused, it cannot be sent again.
 * - A stream, or an object of any other class, cannot be sent again.
 */
export class RequestBody {
  #next: unknown;
  #copy: Copy | undefined;
  #sent = false;

  constructor(body: unknown) {
    this.#next = body;
    this.#copy = copyOf(body, COPY_LIMIT);
  }

  /** Call this before the request waits: it also copies a large buffer. */
  keep(): void {
    if (this.#sent) return;
    this.#copy ??= copyOf(this.#next, Number.POSITIVE_INFINITY);
    if (this.#copy) this.#next = this.#copy.body;
  }

  get replayable(): boolean {
    return this.#copy !== undefined;
  }

  /** Returns the body for the next sending. */
  take(): unknown {
    const body = this.#next;
    this.#next = this.#copy?.body;
    this.#sent = true;
    return body;
  }
}

interface Copy {
  body: unknown;
}

/** `undefined` if a copy is impossible or too expensive. */
function copyOf(body: unknown, limit: number): Copy | undefined {
  if (typeof body !== 'object' || body === null) return { body };
  if (isStream(body) || Symbol.asyncIterator in body) return undefined;
  if (isBytes(body)) return body.byteLength > limit ? undefined : { body: copyOfBytes(body) };
  const name = classOf(body);
  if (['Blob', 'File', 'URLSearchParams'].includes(name)) return { body: copyOfSearch(body) };
  const fields = fieldsOf(body);
  return fields ? copyOfForm(body, fields) : copyOfPlain(body);
}

export function isBytes(value: unknown): value is ArrayBuffer | ArrayBufferView {
  return ArrayBuffer.isView(value) || classOf(value) === 'ArrayBuffer';
}

/** Other values are returned as they are. */
export function copyOfSearch<T>(value: T): T {
  if (classOf(value) !== 'URLSearchParams') return value;
  return new (constructorOf(value as object))(String(value)) as T;
}

function copyOfBytes(bytes: ArrayBuffer | ArrayBufferView): unknown {
  if (!ArrayBuffer.isView(bytes)) return bytes.slice(0);
  // Use the typed array's method: a Buffer's own `slice` shares its bytes with the original.
  return Uint8Array.prototype.slice.call(
    classOf(bytes) === 'DataView' ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes,
  );
}

function copyOfForm(form: object, fields: Iterable<[string, unknown]>): Copy {
  const copy = new (constructorOf(form))() as { append(name: string, value: unknown): void };
  for (const [name, value] of fields) copy.append(name, value);
  return { body: copy };
}

/** Only a custom adapter or a custom `fetch` accepts a plain object. */
function copyOfPlain(body: object): Copy | undefined {
  const prototype: unknown = Object.getPrototypeOf(body);
  if (prototype && prototype !== Object.prototype && !Array.isArray(body)) return undefined;
  try {
    return { body: structuredClone(body) };
  } catch {
    return undefined;
  }
}

function constructorOf(value: object): new (...args: unknown[]) => object {
  return value.constructor as new (
    ...args: unknown[]
  ) => object;
}
