const HOUR = 3_600_000;

export const SHANGHAI = 'Asia/Shanghai';
/** UTC+14: no zone is further ahead. */
const KIRITIMATI = 'Pacific/Kiritimati';

/** A zone at least two hours ahead of the browser's. */
export function zoneAhead(now = Date.now()): string {
  return aheadOfUtc(SHANGHAI, now) - ownAheadOfUtc(now) >= 2 * HOUR ? SHANGHAI : KIRITIMATI;
}

function aheadOfUtc(timeZone: string, now: number): number {
  const second = now - (now % 1000);
  return Date.parse(`${new Date(second).toLocaleString('sv', { timeZone })}Z`) - second;
}

function ownAheadOfUtc(now: number): number {
  return -new Date(now).getTimezoneOffset() * 60_000;
}
