import { earlierUseOf } from './earlier-use.js';
import { type Entry, FORMER_TAB, THIS_TAB } from './entry.js';
import type { Moment, Report, ReportedEvent, ReportedUse, TabName } from './report.js';
import { textOf } from './text.js';

/** The data of a report. */
export interface Recorded extends Pick<Report, 'status' | 'refreshToken' | 'dropped'> {
  readonly entries: readonly Entry[];
}

export function reportOf({ entries, ...rest }: Recorded): Report {
  // Events of other tabs may arrive late.
  const sorted = [...entries].sort((a, b) => a.at - b.at);
  const events = sorted.map((entry) => reported(entry, sorted));
  const head = { version: '__VERSION__', madeAt: momentOf(Date.now()), ...rest };
  return { ...head, events, text: textOf({ ...head, events }) };
}

function reported(entry: Entry, entries: readonly Entry[]): ReportedEvent {
  const { at, tab, receivedAt, expiresAt, endsAt, ...others } = entry;
  const refreshedBy = entry.type === 'adopted' && refreshedIn(entry, entries);
  const usedBefore = usedBeforeOf(entry, entries);
  return {
    at: momentOf(at),
    tab: nameOf(tab),
    ...others,
    ...(receivedAt && { receivedAt: momentOf(receivedAt) }),
    ...(expiresAt && { expiresAt: momentOf(expiresAt) }),
    ...(endsAt && { endsAt: momentOf(endsAt) }),
    ...(refreshedBy && { refreshedBy }),
    ...(usedBefore && { usedBefore }),
  };
}

function refreshedIn({ generation }: Entry, entries: readonly Entry[]): TabName | undefined {
  const source = entries.find(
    (entry) => entry.type === 'refreshed' && generation !== undefined && entry.generation === generation,
  );
  return source && nameOf(source.tab);
}

function usedBeforeOf(refusal: Entry, entries: readonly Entry[]): ReportedUse | undefined {
  const use = earlierUseOf(refusal, entries);
  if (!use) return undefined;
  const { entry, before, succeeded } = use;
  const by = entry.generation === undefined ? 'arrival' : 'generation';
  return { tab: nameOf(entry.tab), before, succeeded, by };
}

function nameOf(tab: number): TabName {
  if (tab === THIS_TAB) return 'this tab';
  return tab === FORMER_TAB ? 'former tab' : `tab ${tab}`;
}

function momentOf(ms: number): Moment {
  return new Date(ms).toISOString();
}
