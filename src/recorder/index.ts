import { assert, assertKnown } from '../assert.js';
import { coreOf, type Session, type SessionCore } from '../session.js';
import type { Entry, Facts } from './entry.js';
import { Log } from './log.js';
import { reportOf } from './make-report.js';
import { Observer } from './observer.js';
import { watchPage } from './page.js';
import type { Report } from './report.js';
import { TabLine } from './tab-line.js';

export type { Facts } from './entry.js';
export type { Moment, Report, ReportedEvent, ReportedUse, TabName } from './report.js';
export type { FailureDetail, RecordedType } from './words.js';

export interface RecordOptions {
  /** How many events are kept, of this tab and of other tabs together. The oldest are removed first. At most 10_000. @default 100 */
  limit?: number;
  /**
   * Keeps the events in `sessionStorage`, so that they survive a reload, and a visit to the login page.
   * @default false: they are kept in memory
   */
  survive?: boolean;
  /**
   * Error codes of your backend that a report may show, besides those of OAuth 2.0 and numbers of up to six digits. Any
   * other code of your backend is left out, because it could be a token.
   * @default []
   */
  codes?: readonly string[];
}

/** Keeps the events of a session. */
export interface Recorder {
  /** Returns what was recorded so far, as data and as text. You can pass it to `JSON.stringify`. */
  report(): Report;
  /** Stops recording and removes all listeners; `session.dispose()` does too. `report()` still returns what was recorded. */
  stop(): void;
}

/** A session has only one recorder: a second one would take the first for another tab. */
const RECORDERS: WeakMap<SessionCore, Recorder> = new WeakMap();

/**
 * Records the events of a session, in this tab and in the other tabs that record. It never records a token: only times,
 * numbers and words that this package knows. Call it next to `createSession`. If the session is already recorded, returns
 * its recorder.
 * @throws {TypeError | RangeError} if an argument is invalid; the message names it.
 */
export function record(session: Session, options: RecordOptions = {}): Recorder {
  const core = coreOf(session);
  const { limit = 100, survive = false, codes = [], ...unknown } = options;
  assertKnown(unknown);
  assertLimit(limit);
  assertCodes(codes);
  const current = RECORDERS.get(core);
  if (current) return current;
  const name = nameOf(core);
  const log = new Log(limit, codes, survive ? name : undefined);
  const stopRecording = listen(session, core, log, name);
  const { disposal } = core;
  const stop = () => {
    stopRecording();
    disposal.removeEventListener('abort', stop);
    if (RECORDERS.get(core) === recorder) RECORDERS.delete(core);
  };
  disposal.addEventListener('abort', stop);
  const recorder: Recorder = {
    report: () =>
      reportOf({
        status: session.status,
        refreshToken: placeOf(core),
        dropped: log.dropped,
        entries: log.entries,
      }),
    stop,
  };
  RECORDERS.set(core, recorder);
  if (disposal.aborted) stop();
  return recorder;
}

/** Starts recording. Returns a function that stops it. */
function listen(session: Session, core: SessionCore, log: Log, name: string): () => void {
  const observer = new Observer(core);
  const line = new TabLine(name, (from, entry) => log.add({ ...entry, tab: log.numberOf(from) }));
  const note = (facts: Facts) => {
    const entry = log.add(facts);
    if (entry && isNews(entry)) line.tell(log.me, entry);
  };
  const unwatch = watchPage((type) => note({ type }));
  const unsubscribe = core.state.subscribe((event) => note(observer.factsOf(event)));
  note({ type: 'opened', status: session.status, ...observer.tokens() });
  return () => {
    unsubscribe();
    unwatch();
    line.close();
  };
}

/** Whether to send the event to other tabs. If another tab caused it, that tab sends its own event. */
function isNews({ type, elsewhere, reason }: Entry): boolean {
  return type !== 'adopted' && !elsewhere && reason !== 'signed_out_elsewhere';
}

/** The name of the channel that the recorders of one session share. */
function nameOf({ settings, backend }: SessionCore): string {
  const { name } = settings.store.coordination ?? backend.coordination ?? {};
  return ['unexpired-recorder', name, backend.refreshUrl].join(':');
}

function placeOf({ state, backend }: SessionCore): Report['refreshToken'] {
  if (backend.coordination) return 'cookie';
  return state.credentials?.tokens.refreshToken ? 'page' : 'none';
}

function assertLimit(limit: unknown): void {
  const holds = Number.isInteger(limit) && Number(limit) >= 1 && Number(limit) <= 10_000;
  assert(holds, 'limit', 'a whole number from 1 to 10000', limit, RangeError);
}

function assertCodes(codes: unknown): void {
  const holds = Array.isArray(codes) && codes.every((code) => typeof code === 'string');
  assert(holds, 'codes', 'a list of strings', codes);
}
