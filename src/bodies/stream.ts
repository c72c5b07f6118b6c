/** The common part of Node's and WHATWG streams that cancels unread data. */
export interface Stream {
  destroy?(): void;
  cancel?(): Promise<void>;
}

export function isStream(value: unknown): value is Stream {
  const { pipe, getReader } = (value ?? {}) as { pipe?: unknown; getReader?: unknown };
  return typeof (pipe ?? getReader) === 'function';
}

/** Cancels a body that will not be read, which frees its connection. */
export function cancelStream(body: Stream | null): void {
  body?.destroy?.();
  body?.cancel?.().catch(() => {});
}
