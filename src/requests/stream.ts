/** What of Node's streams and WHATWG's lets go of what has not been read. */
export interface Stream {
  destroy?(): void;
  cancel?(): Promise<void>;
}

export function isStream(value: unknown): value is Stream {
  const { pipe, getReader } = (value ?? {}) as { pipe?: unknown; getReader?: unknown };
  return typeof (pipe ?? getReader) === 'function';
}

/** Lets go of a body that nobody will read, and of its connection. */
export function letGo(body: Stream | null): void {
  body?.destroy?.();
  body?.cancel?.().catch(() => {});
}
