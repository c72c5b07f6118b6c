import { expect } from 'vitest';

/** Replaces everything that differs between two runs. */
export function normalize(text: string): string {
  return text
    .replaceAll(/ey[\w-]+\.[\w-]+\.[\w-]*/g, '<jwt>')
    .replaceAll(/"[\w-]{43}"/g, '"<opaque>"')
    .replace(/"token_time":"[^"]*"/, '"token_time":"…"');
}

/** Expects the status, the recorded headers, and the body. */
export async function expectAsRecorded(
  response: Response,
  recorded: Response,
  names: string[],
): Promise<void> {
  expect(response.status).toBe(recorded.status);
  for (const name of names) {
    const value = recorded.headers.get(name);
    if (value) expect(`${name}: ${response.headers.get(name)}`).toBe(`${name}: ${value}`);
  }
  expect(response.headers.get('date')).toMatch(/^Mon, 23 Nov 2026 22:0[78]:\d\d GMT$/);
  const location = recorded.headers.get('location');
  if (location) expect(normalize(response.headers.get('location')!)).toBe(location);
  const body = await recorded.text();
  if (body) expect(normalize(await response.text())).toBe(normalize(body));
}
