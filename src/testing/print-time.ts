/** Prints a time as Python prints a naive local time: without an offset, with six decimals, or with none if they are all zero. */
export function printTime(moment: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(moment);
  const { year, month, day, hour, minute, second } = Object.fromEntries(
    parts.map(({ type, value }) => [type, value]),
  );
  const microseconds = Math.round((moment % 1000) * 1000);
  const fraction = microseconds ? `.${String(microseconds).padStart(6, '0')}` : '';
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}`;
}
