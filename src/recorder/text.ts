import type { Report, ReportedEvent, ReportedUse, TabName } from './report.js';
import { DETAILS, ERRORS, REASONS, STATUSES, TYPES } from './words.js';

/** Returns the text of a report: a line about the report, then a line for each event. */
export function textOf(report: Omit<Report, 'text'>): string {
  const { version, madeAt, status, dropped, events } = report;
  const zone = zoneOf(new Date(madeAt));
  const head = `unexpired ${version}, report of ${dayOf(madeAt)} ${timeOf(madeAt)} (${zone}): ${STATUSES[status]}`;
  const lines = events.flatMap((event, index) => {
    const day = dayOf(event.at);
    const previous = events[index - 1];
    const isNewDay = day !== dayOf(previous?.at ?? madeAt);
    return [...(isNewDay ? [day] : []), `${timeOf(event.at)} ${sentenceOf(event, report.refreshToken)}`];
  });
  return [head, ...(dropped ? [`(${dropped} older events were left out)`] : []), ...lines].join('\n');
}

function sentenceOf(event: ReportedEvent, place: Report['refreshToken']): string {
  const { tab, type, expiresAt, waited = 0 } = event;
  const who = tab === 'this tab' ? '' : `${tab}: `;
  const isNew = type === 'refreshed' || type === 'adopted' || type === 'signed-in';
  const parts = [
    who + mainOf(event),
    event.refreshedBy && `which ${spoken(event.refreshedBy)} got`,
    waited >= 50 && `after waiting ${spanOf(waited)}`,
    event.took !== undefined && `after ${spanOf(event.took)}`,
    isNew && expiresAt && `good until ${timeOf(expiresAt)}`,
    event.retryIn !== undefined && `next try in ${spanOf(event.retryIn)}`,
    clockOf(event.clockOffset),
  ];
  const sentence = parts.filter(Boolean).join(', ');
  return event.usedBefore ? `${sentence}; ${earlierOf(event.usedBefore, place)}` : sentence;
}

function mainOf(event: ReportedEvent): string {
  const { type, error, answer, code, detail, reason, status, elsewhere, name } = event;
  const isFailure = type === 'refresh-failed' && error;
  const main = isFailure ? ERRORS[error] : TYPES[type];
  const answered = [answer, code].filter(Boolean).join(' ');
  const more = [
    answered,
    detail && DETAILS[detail],
    reason && REASONS[reason],
    status && STATUSES[status],
    elsewhere && 'in another tab, or before this page opened',
    name,
    type === 'ending' && event.endsAt && `at ${timeOf(event.endsAt)}`,
  ];
  return [main, more.filter(Boolean).join(', ')].filter(Boolean).join(': ');
}

function earlierOf({ tab, before, succeeded, by }: ReportedUse, place: Report['refreshToken']): string {
  const same = by === 'generation' ? 'the same' : 'most likely the same';
  // A page does not see which cookie its browser sends.
  const what = place === 'cookie' ? 'had asked for new tokens too' : `had used ${same} refresh token`;
  return `${spanOf(before)} before, ${spoken(tab)} ${what}${succeeded ? '' : ', and got no new one'}`;
}

function spoken(tab: TabName): string {
  if (tab === 'this tab') return 'this tab';
  return tab === 'former tab' ? 'this tab, or the one of which it is a copy,' : `another tab (${tab})`;
}

function clockOf(offset = 0): string | undefined {
  if (Math.abs(offset) < 2_000) return undefined;
  return `the server's clock is ${spanOf(Math.abs(offset))} ${offset > 0 ? 'ahead of' : 'behind'} this computer's`;
}

/** `40 ms`, `31 s`, `12 min`, `3 h`, `5 days`. */
function spanOf(ms: number): string {
  const units: [string, number][] = [
    ['days', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1_000],
  ];
  // From two of a unit up, except for seconds: half a second is not rounded up to one.
  const fits = ([unit, length]: [string, number]) =>
    unit === 's' ? ms >= length : Math.round(ms / length) >= 2;
  const [unit, length] = units.find(fits) ?? ['ms', 1];
  return `${Math.round(ms / length)} ${unit}`;
}

function dayOf(moment: string): string {
  const date = new Date(moment);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join('-');
}

function timeOf(moment: string): string {
  const date = new Date(moment);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
}

function zoneOf(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map(twoDigits);
  return `UTC${minutes < 0 ? '-' : '+'}${hours}:${rest}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
