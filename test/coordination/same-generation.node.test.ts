import { expect, it, onTestFinished } from 'vitest';
import type { LedgerEntry, Meeting } from '../../src/coordination/meeting.js';
import { SharedSession } from '../../src/coordination/shared-session.js';
import { createSession, type TokenSet } from '../../src/index.js';

/** A place without other members. `onEnding` is called before a sign-out is recorded, and can act as another member. */
class QuietPlace implements Meeting {
  readonly name = 'quiet';
  readonly persistent = true;
  entry: LedgerEntry | undefined;

  constructor(readonly onEnding: (place: QuietPlace, generation: number) => void) {}

  async update(change: (entry: LedgerEntry | undefined) => LedgerEntry | undefined) {
    this.entry = change(this.entry) ?? this.entry;
    return this.entry;
  }

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  listen() {
    return () => {};
  }

  notify(ended?: number): void {
    if (ended) this.onEnding(this, ended);
  }
}

const ofBob = { accessToken: 'bob', sessionId: 'bob' };

async function signOutAt(place: QuietPlace) {
  let stored: TokenSet | null = null;
  const session = createSession({
    backend: {
      refresh: () => Promise.reject(new Error('not here')),
      readTokens: (body) => body as TokenSet,
    },
    store: {
      read: () => stored,
      write: (tokens) => void (stored = tokens),
      coordination: { name: place.name, join: (member) => new SharedSession(member, place) },
    },
  });
  onTestFinished(() => session.dispose());
  await session.signIn({ accessToken: 'ann' });
  await session.signOut();
  return session;
}

it('a sign-out is recorded even if a sign-in elsewhere happens to have the same generation', async () => {
  const place = new QuietPlace((at, generation) => {
    at.entry = { generation, sessionId: ofBob.sessionId, tokens: ofBob };
  });
  const session = await signOutAt(place);
  expect(place.entry).toMatchObject({ tokens: null });
  expect(session.status).toBe('signed-out');
});

it('a sign-out that another member has already recorded is not recorded again', async () => {
  let recorded: LedgerEntry | undefined;
  const place = new QuietPlace((at, generation) => {
    recorded = { generation, tokens: null };
    at.entry = recorded;
  });
  await signOutAt(place);
  expect(place.entry).toBe(recorded);
});
