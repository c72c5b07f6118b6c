import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

export interface Recorded {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const HEADER = /^([\w-]+): (.*)$/;

/** What a real server answered, byte for byte, tokens shortened to `<jwt>`: by the name of each exchange. */
export function readRecording(file: string): Map<string, Recorded> {
  return parseExchanges(readFileSync(join(import.meta.dirname, '../fixtures/wire', file), 'utf8'));
}

export function parseExchanges(text: string): Map<string, Recorded> {
  const sections = text.split(/^== /m).slice(1);
  return new Map(sections.map((section) => [section.slice(0, section.indexOf('\n')), parse(section)]));
}

/** Either a status line, headers and a body, or status and body in one line, and headers. */
function parse(section: string): Recorded {
  const [, first = '', ...lines] = section.trimEnd().split('\n');
  const [, status = '200', inline = ''] = /^(?:HTTP\/1\.1 )?(\d{3}) ?(.*)$/.exec(first) ?? ['', '200', first];
  const headers = lines.flatMap((line) => {
    const [, name, value] = HEADER.exec(line) ?? [];
    return name ? [[name.toLowerCase(), value]] : [];
  });
  const rest = lines.filter((line) => !HEADER.test(line) && !/^SMOKE OK|^ {3}|^#/.test(line)).join('\n');
  const body = first.startsWith('HTTP/') ? rest.trim() : inline;
  return { status: Number(status), headers: Object.fromEntries(headers), body };
}

/** Whatever differs from one run to the next, replaced. */
export function normalize(text: string): string {
  return text
    .replaceAll(/ey[\w-]+\.[\w-]+\.[\w-]*/g, '<jwt>')
    .replaceAll(/"[\w-]{43}"/g, '"<opaque>"')
    .replace(/"token_time":"[^"]*"/, '"token_time":"…"');
}

/** Expects the status, those headers that were recorded, and the body. */
export async function expectAsRecorded(
  response: Response,
  { status, headers, body }: Recorded,
  names: string[],
): Promise<void> {
  expect(response.status).toBe(status);
  for (const name of names) {
    if (headers[name]) expect(`${name}: ${response.headers.get(name)}`).toBe(`${name}: ${headers[name]}`);
  }
  expect(response.headers.get('date')).toMatch(/^Mon, 23 Nov 2026 22:0[78]:\d\d GMT$/);
  if (headers.location) expect(normalize(response.headers.get('location')!)).toBe(headers.location);
  if (body) expect(normalize(await response.text())).toBe(normalize(body));
}
