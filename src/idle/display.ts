import { callOut } from '../events.js';
import type { WatchIdleOptions } from './options.js';
import { ACTIVE, type IdleView, isSameView } from './times.js';

/** The view that a user interface shows, and its listeners. */
export class Display {
  readonly #onWarning: WatchIdleOptions['onWarning'];
  readonly #stay: () => void;
  readonly #listeners = new Set<() => void>();
  #view: IdleView = ACTIVE;
  #warning: AbortController | undefined;

  constructor(onWarning: WatchIdleOptions['onWarning'], stay: () => void) {
    this.#onWarning = onWarning;
    this.#stay = stay;
  }

  get view(): IdleView {
    return this.#view;
  }

  subscribe(listener: () => void): () => void {
    const own = () => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  show(view: IdleView): void {
    if (isSameView(view, this.#view)) return;
    this.#warning?.abort();
    this.#view = Object.freeze(view);
    for (const listener of [...this.#listeners]) callOut(listener);
    if (view.status === 'warning') this.#warn(view as Required<IdleView>);
  }

  dispose(): void {
    this.#listeners.clear();
    this.#warning?.abort();
  }

  #warn({ reason, endsAt }: Required<IdleView>): void {
    this.#warning = new AbortController();
    const { signal } = this.#warning;
    callOut(this.#onWarning, { reason, endsAt, signal, stay: this.#stay });
  }
}
