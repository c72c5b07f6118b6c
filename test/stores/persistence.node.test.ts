import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryStore, type TokenSet, type TokenStore } from '../../src/index.js';
import { Persistence } from '../../src/stores/persistence.js';
import { fakeClock } from '../support/clock.js';

const TOKENS: TokenSet = { accessToken: 'a', sessionId: 'one' };
const NEWER: TokenSet = { accessToken: 'b', sessionId: 'two' };
const TIMEOUT = 1_000;

afterEach(() => void vi.useRealTimers());

const OWN = 'https://api.test/refresh';

function persist(store: Partial<TokenStore>, refreshUrl: string | undefined = OWN) {
  const failures: unknown[] = [];
  const whole = { ...memoryStore(), ...store };
  const failed = (error: unknown) => void failures.push(error);
  const settings = { store: whole, refreshTimeout: TIMEOUT, backend: refreshUrl ? { refreshUrl } : {} };
  return { failures, persistence: new Persistence(settings, failed) };
}

/** A store whose writes wait until the test releases them, one by one. */
function slowStore() {
  const written: (TokenSet | null)[] = [];
  const releases: (() => void)[] = [];
  const store: TokenStore = {
    read: () => null,
    write: (tokens) => {
      written.push(tokens);
      return new Promise<void>((resolve) => releases.push(resolve));
    },
  };
  return { store, written, release: () => releases.shift()!() };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a synchronous store', () => {
  it('is read and written before the call returns', () => {
    const { persistence } = persist({});
    expect(persistence.read()).toBeNull();
    void persistence.write(TOKENS);
    expect(persistence.read()).toBe(TOKENS);
    expect(persistence.busy).toBe(false);
  });

  it('is empty if it returns undefined', () => {
    const { persistence } = persist({ read: () => undefined as unknown as null });
    expect(persistence.read()).toBeNull();
  });

  it('that throws keeps the session: the error is reported and the content is unknown', async () => {
    const fault = new Error('full');
    const fail = () => {
      throw fault;
    };
    const { persistence, failures } = persist({ read: fail, write: fail });
    expect(persistence.read()).toBeUndefined();
    await persistence.write(TOKENS);
    expect(failures).toEqual([fault, fault]);
    expect(persistence.hasHeld(TOKENS)).toBe(false);
  });
});

describe('an asynchronous store', () => {
  it('is read asynchronously', async () => {
    const { persistence } = persist({ read: async () => TOKENS });
    expect(await persistence.read()).toBe(TOKENS);
  });

  it('may return promises of a library', async () => {
    // biome-ignore lint/suspicious/noThenProperty: a promise of an older library
    const thenable = { then: (resolve: (tokens: TokenSet) => void) => resolve(TOKENS) };
    const { persistence } = persist({ read: () => thenable as Promise<TokenSet> });
    expect(await persistence.read()).toBe(TOKENS);
  });

  it('is written in the order of the calls, one after the other', async () => {
    const { store, written, release } = slowStore();
    const { persistence } = persist(store);
    const first = persistence.write(TOKENS);
    const second = persistence.write(null);
    expect(written).toEqual([TOKENS]);
    release();
    await first;
    expect(written).toEqual([TOKENS, null]);
    release();
    await second;
  });

  it('is busy until the last write has ended', async () => {
    const { store, release } = slowStore();
    const { persistence } = persist(store);
    void persistence.write(TOKENS);
    void persistence.write(null);
    expect(persistence.busy).toBe(true);
    release();
    await turn();
    expect(persistence.busy).toBe(true);
    release();
    await turn();
    expect(persistence.busy).toBe(false);
  });

  it('that rejects keeps the session, and the next write is tried', async () => {
    const fault = new Error('quota');
    const write = vi.fn(async (_: TokenSet | null) => {});
    write.mockRejectedValueOnce(fault);
    const { persistence, failures } = persist({ write });
    await persistence.write(TOKENS);
    expect(persistence.hasHeld(TOKENS)).toBe(false);
    await persistence.write(NEWER);
    expect(failures).toEqual([fault]);
    expect(write.mock.calls).toEqual([[TOKENS], [NEWER]]);
    expect(persistence.hasHeld(NEWER)).toBe(true);
  });

  it('that does not respond in time is reported', async () => {
    const clock = fakeClock({ timers: true });
    const { persistence, failures } = persist({ read: () => new Promise(() => {}) });
    const read = persistence.read();
    await clock.tick(TIMEOUT - 1);
    expect(failures).toEqual([]);
    await clock.tick(1);
    expect(await read).toBeUndefined();
    expect(failures).toMatchObject([{ message: 'No answer within 1000 ms' }]);
  });
});

describe('whether a store has held the tokens of a sign-in', () => {
  it('is known from writes', async () => {
    const { store, release } = slowStore();
    const { persistence } = persist(store);
    const writing = persistence.write(TOKENS);
    expect(persistence.hasHeld(TOKENS)).toBe(false);
    release();
    await writing;
    expect(persistence.hasHeld({ ...TOKENS, accessToken: 'b' })).toBe(true);
    expect(persistence.hasHeld(NEWER)).toBe(false);
  });

  it('is known from reads', () => {
    const { persistence } = persist({ read: () => TOKENS });
    expect(persistence.hasHeld(TOKENS)).toBe(false);
    persistence.read();
    expect(persistence.hasHeld(TOKENS)).toBe(true);
  });

  it('is still known after the store is emptied', async () => {
    const { persistence } = persist({});
    await persistence.write(TOKENS);
    await persistence.write(null);
    expect(persistence.hasHeld(TOKENS)).toBe(true);
  });

  it('is known if another tab recorded it', () => {
    const { persistence } = persist({});
    persistence.noteHeld(TOKENS);
    expect(persistence.hasHeld(TOKENS)).toBe(true);
    persistence.noteHeld(NEWER);
    expect(persistence.hasHeld(TOKENS)).toBe(false);
  });
});

describe('stored tokens of another backend', () => {
  const of = (refreshUrl: string) => ({ read: () => ({ ...TOKENS, refreshUrl }) });
  let warn: ReturnType<typeof vi.spyOn>;
  beforeEach(() => {
    warn = vi.spyOn(console, 'warn').mockReturnValue();
    return () => void vi.restoreAllMocks();
  });

  it('are not used, and a warning says why', () => {
    const { persistence } = persist(of('https://other.test/refresh'));
    expect(persistence.read()).toBeNull();
    expect(persistence.hasHeld(TOKENS)).toBe(false);
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      'unexpired: stored tokens of another backend are ignored. Give each application its own `key`',
    );
  });

  it.each([
    ['the same backend', OWN, OWN],
    ['an unknown backend', '', OWN],
    ['any backend if this one has no refreshUrl', 'https://other.test/refresh', ''],
  ])('are used if they are from %s', (_, stored, own) => {
    const { persistence } = persist(of(stored), own);
    expect(persistence.read()).toMatchObject(TOKENS);
    expect(warn).not.toHaveBeenCalled();
  });
});
