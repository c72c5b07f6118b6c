import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createSession, SessionError, type SessionEvent, type TokenStore } from '../../src/index.js';
import { type Recorder, record } from '../../src/recorder/index.js';
import { ANSWERS, DETAILS, ERROR_NAMES, ERRORS, REASONS, STATUSES, TYPES } from '../../src/recorder/words.js';
import { coreOf } from '../../src/session.js';
import { answerOf, BACKENDS, type Tokens, token, tokens, type Wire, wire } from './hostile.js';

/** Set `RECORDER_RUNS=20000` for a long run. */
const RUNS = Number(process.env.RECORDER_RUNS ?? 100);
/** The same seed in every run, so that each run uses the same responses. `RECORDER_SEED` sets another. */
const SEED = Number(process.env.RECORDER_SEED ?? 1);

const WORDS = new Set([
  ...[TYPES, REASONS, ERRORS, DETAILS, STATUSES].flatMap((words) => Object.keys(words)),
  ...[...ANSWERS, ...ERROR_NAMES, 'cookie', 'page', 'none', '__VERSION__', 'generation', 'arrival'],
]);
const FORMS = [/^\d{4}-\d\d-\d\dT[\d:.]+Z$/, /^(this|former) tab$/, /^tab \d+$/, /^\d{1,6}$/];

let items: Record<string, string>;
let kept: string[];
let posted: unknown[];

beforeEach(() => {
  vi.stubGlobal('location', new URL('https://app.example/'));
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => items[key] ?? null,
    setItem: (key: string, value: string) => void kept.push((items[key] = value)),
  });
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      onmessage: unknown;
      postMessage = (message: unknown) => void posted.push(message);
      close = () => {};
    },
  );
  vi.spyOn(console, 'warn').mockReturnValue();
  return () => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  };
});

/** Expects that a recorder's output contains no eight characters in a row of any token, and only known words. */
function expectNoToken(recorder: Recorder, secrets: readonly string[]): void {
  const { text, ...report } = recorder.report();
  const given = [text, JSON.stringify(report), ...kept, JSON.stringify(posted)].join('\n');
  const leaked = secrets.flatMap((secret) =>
    Array.from({ length: secret.length - 7 }, (_, start) => secret.slice(start, start + 8)),
  );
  expect(leaked.filter((part) => given.includes(part))).toEqual([]);
  const strange = stringsIn(report).filter(
    (word) => !WORDS.has(word) && !FORMS.some((form) => form.test(word)),
  );
  expect(strange).toEqual([]);
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value ? Object.values(value).flatMap(stringsIn) : [];
}

const seen = new Set<string>();
const see = (recorder: Recorder) => {
  for (const { type, error, answer, code } of recorder.report().events)
    for (const word of [type, error, answer, code]) if (word !== undefined) seen.add(String(word));
};

describe('a recorder never holds a token', () => {
  it.each(Object.keys(BACKENDS))('with the backend %s, whatever the server responds', async (name) => {
    await fc.assert(
      fc.asyncProperty(tokens, wire, wire, wire, (held, ...wires) => tryBackend(name, held, wires)),
      { numRuns: RUNS, seed: SEED },
    );
  });

  it('in all these runs, which include refusals, failures and successes', () => {
    for (const word of ['refreshed', 'refresh-failed', 'signed-out', 'revoke-failed'])
      expect(seen).toContain(word);
    for (const word of ['refresh_rejected', 'refresh_unavailable', 'invalid_token_response'])
      expect(seen).toContain(word);
    for (const word of ['400', '401', '503', 'invalid_grant', '1008', 'token_not_valid'])
      expect(seen).toContain(word);
  });

  it('whatever an event of the session contains', async () => {
    await fc.assert(
      fc.property(token, fc.constantFrom(...events), (secret, make) => {
        const { session, recorder } = start('oauth2', memory());
        coreOf(session).state.emit(make(secret));
        expect(recorder.report().events.map(({ type }) => type)).toEqual(['opened', make(secret).type]);
        expectNoToken(recorder, [secret]);
        session.dispose();
      }),
      { numRuns: RUNS * 5, seed: SEED },
    );
  });

  it('whatever a store throws', async () => {
    await fc.assert(
      fc.asyncProperty(token, async (secret) => {
        const fail = () => {
          throw Object.assign(new Error(secret), { name: secret, code: secret });
        };
        const { session, recorder } = start('oauth2', { read: fail, write: fail });
        await session.signIn({ accessToken: secret, refreshToken: secret });
        expect(recorder.report().events.map(({ type }) => type)).toContain('store-failed');
        expectNoToken(recorder, [secret]);
        session.dispose();
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });
});

const memory = (): TokenStore => {
  let held: Awaited<ReturnType<TokenStore['read']>> = null;
  return { read: () => held, write: (tokens) => void (held = tokens) };
};

function start(backend: string, store: TokenStore) {
  items = {};
  kept = [];
  posted = [];
  const session = createSession({ backend: BACKENDS[backend]!(), store, refreshTimeout: 50 });
  return { session, recorder: record(session, { survive: true, codes: ['session_gone'] }) };
}

/** A session that signs in, refreshes and signs out while the server puts tokens into all its responses. */
async function tryBackend(name: string, held: Tokens, wires: Wire[]): Promise<void> {
  WORDS.add('session_gone');
  const answers = [...wires];
  vi.stubGlobal('fetch', async () => answerOf(answers.shift() ?? wires[0]!, held));
  const { session, recorder } = start(name, memory());
  await session.signIn({ accessToken: held.access, refreshToken: held.refresh });
  await session.refresh().catch(() => {});
  await session.signIn(answers[0]?.shape(held.newAccess)).catch(() => {});
  await session.signOut();
  see(recorder);
  expectNoToken(recorder, Object.values(held));
  session.dispose();
  expectNoToken(recorder, Object.values(held));
}

const failure = (secret: string, message: string) =>
  Object.assign(new SessionError('refresh_rejected', message), { retryAfter: secret, token: secret });
/** An error that a custom backend could throw: every field is a token. */
const foreign = (secret: string) =>
  ({ name: 'SessionError', code: secret, message: secret, retryAfter: Number(secret) }) as never;

/** Every event, with a token in every possible field. */
const events: ((secret: string) => SessionEvent)[] = [
  (secret) => ({ type: 'signed-in', elsewhere: secret as never }),
  (secret) => ({ type: 'refreshing', waited: secret as never }),
  (secret) => ({ type: 'refreshed', expiresAt: secret as never }),
  (secret) => ({ type: 'adopted', expiresAt: secret as never }),
  (secret) => ({ type: 'ending', endsAt: Number(secret) }),
  (secret) => ({ type: 'reauthenticating', reason: secret as never }),
  (secret) => ({ type: 'signed-out', reason: secret as never, returnTo: `/?token=${secret}#${secret}` }),
  (secret) => ({ type: 'store-failed', error: Object.assign(new Error(secret), { name: secret }) }),
  ...['refresh-failed', 'revoke-failed'].flatMap((type) =>
    [
      foreign,
      (secret: string) => failure(secret, secret),
      (secret: string) => failure(secret, `https://api.test refused with status 400: ${secret}`),
      (secret: string) => failure(secret, `https://api.test answered status ${secret}: ${secret}`),
      (secret: string) => failure(secret, `Expected an answer, got code ${secret} in an object`),
      (secret: string) => failure(secret, `${secret} could not be reached. ${secret}`),
    ].map((make) => (secret: string) => ({ type, error: make(secret) }) as SessionEvent),
  ),
];
