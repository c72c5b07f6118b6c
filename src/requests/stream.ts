/** The common part of Node's and WHATWG streams that cancels unread data. */
export interface Stream {
  destroy?(): void;
  cancel?(): Promise<void>;
}

export function isStream(value: unknown): value is Stream {
  const { pipe, getReader } = (value ?? {}) as { pipe?: unknown; getReader?: unknown };
  return typeof (pipe ?? getReader) === 'function';
}

/** Cancels a body that nobody is going to read, which frees its connection. */
export function letGo(body: Stream | null): void {
  body?.destroy?.();
  body?.cancel?.().catch(() => {});
}
