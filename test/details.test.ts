import { HttpResponse, http } from 'msw';
import { describe, expect, it, onTestFinished } from 'vitest';
import { network } from '#network';
import { createSession, oauth2Backend, type Session } from '../src/index.js';
import { mockNetwork } from './support/mock-network.js';

mockNetwork();

const url = 'https://api.test/token';
const ANSWER = { access_token: 'secret-1', refresh_token: 'secret-2', expires_in: 60, token_type: 'Bearer' };

/** The responses of the token endpoint, in order. */
function open(...answers: object[]): Session {
  network.use(http.post(url, () => HttpResponse.json(answers.shift() as object)));
  const session = createSession({ backend: oauth2Backend({ url, clientId: 'shop' }) });
  onTestFinished(() => session.dispose());
  return session;
}

describe('session.details', () => {
  it('contains the other fields of the response, and no tokens or fields of the SDK', async () => {
    const session = open();
    expect(session.details).toBeNull();
    const user = { name: 'Kevin' };
    await session.signIn({ ...ANSWER, refresh_expires_in: 600, id_token: 'id', scope: 'orders', user });
    expect(session.details).toEqual({
      token_type: 'Bearer',
      refresh_expires_in: 600,
      id_token: 'id',
      scope: 'orders',
      user,
    });
    await session.signOut();
    expect(session.details).toBeNull();
  });

  it('is the same frozen object until something changes', async () => {
    const session = open();
    await session.signIn({ ...ANSWER, id_token: 'id' });
    expect(session.details).toBe(session.details);
    expect(Object.isFrozen(session.details)).toBe(true);
  });

  it('keeps fields that a refresh does not return', async () => {
    const session = open({ ...ANSWER, scope: 'less' });
    await session.signIn({ ...ANSWER, id_token: 'id', scope: 'orders' });
    await session.refresh();
    expect(session.details).toMatchObject({ id_token: 'id', scope: 'less' });
  });

  it('appears in no log of the session', async () => {
    const session = open();
    await session.signIn({ ...ANSWER, id_token: 'secret-3' });
    expect(JSON.stringify({ session })).not.toContain('secret');
    expect(Object.keys({ ...session })).not.toContain('details');
  });
});

describe('session.endsAt', () => {
  const { refresh_token, ...unrotated } = ANSWER;

  it('stays if the refresh token stays', async () => {
    const session = open(unrotated);
    await session.signIn({ ...ANSWER, refresh_expires_in: 600 });
    const { endsAt } = session;
    await session.refresh();
    expect(session.endsAt).toBe(endsAt);
  });

  it('is unknown for a new refresh token without an expiry', async () => {
    const session = open(ANSWER);
    await session.signIn({ ...ANSWER, refresh_expires_in: 600 });
    expect(session.endsAt).toEqual(expect.any(Number));
    await session.refresh();
    expect(session.endsAt).toBeUndefined();
  });
});
