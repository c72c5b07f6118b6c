import {
  isLedgerEntry,
  type LedgerEntry,
  type Meeting,
  type MeetingListener,
  type TurnLimits,
  type Work,
} from '../coordination/meeting.js';
import { Channel, type Message } from './channel.js';
import { IndexedRecord } from './indexed-record.js';
import { inTurn } from './lock.js';

/** Where the tabs of a browser meet: IndexedDB, Web Locks and a BroadcastChannel. */
export class TabMeeting implements Meeting {
  readonly name: string;
  readonly persistent: boolean;
  readonly #record: IndexedRecord<LedgerEntry>;
  readonly #channel: Channel;

  /** `onMessage` receives all messages except "changed". */
  constructor(
    name: string,
    refreshUrl: string | undefined,
    persistent: boolean,
    onMessage?: (message: Message) => void,
  ) {
    // Applications on one origin may have chosen the same name.
    this.name = ['unexpired', name, refreshUrl].filter(Boolean).join(':');
    this.persistent = persistent;
    this.#record = new IndexedRecord(this.name, isLedgerEntry);
    this.#channel = new Channel(this.name, onMessage);
  }

  update(
    change: (entry: LedgerEntry | undefined) => LedgerEntry | undefined,
  ): Promise<LedgerEntry | undefined> {
    return this.#record.update(change);
  }

  inTurn<T>(work: Work<T>, limits: TurnLimits): Promise<T> {
    return inTurn(this.name, limits, work);
  }

  listen(listener: MeetingListener): () => void {
    return this.#channel.open(listener);
  }

  notify(ended?: number): void {
    this.post({ type: 'changed', ended });
  }

  /** Sends a message to the other tabs. Returns `false` if there is no channel. */
  post(message: Message): boolean {
    return this.#channel.post(message);
  }
}
