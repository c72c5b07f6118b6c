import { IDBFactory } from 'fake-indexeddb';
import { vi } from 'vitest';

/** A BroadcastChannel that delivers messages at once. */
export class QuickChannel {
  static open: QuickChannel[] = [];
  onmessage: ((event: { data: unknown }) => void) | undefined;

  constructor(readonly name: string) {
    QuickChannel.open.push(this);
  }

  postMessage(data: unknown): void {
    for (const other of QuickChannel.open)
      if (other !== this && other.name === this.name) other.onmessage?.({ data });
  }

  close(): void {
    QuickChannel.open = QuickChannel.open.filter((channel) => channel !== this);
  }
}

/** A browser without tabs yet, whose tabs hear each other at once, until `vi.unstubAllGlobals()`. */
export function stubTabs(): void {
  QuickChannel.open = [];
  vi.stubGlobal('BroadcastChannel', QuickChannel);
  vi.stubGlobal('indexedDB', new IDBFactory());
}
