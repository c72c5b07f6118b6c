import axios from 'axios';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSessionPlugin, requireSignIn } from '../src/bindings/vue.js';
import { type AttachOptions, attachSession } from '../src/clients/axios.js';
import { createSessionFetch } from '../src/clients/fetch.js';
import { watchIdle } from '../src/idle/index.js';
import {
  cookieBackend,
  createSession,
  envelopeBackend,
  httpBackend,
  keepAlive,
  localStorageStore,
  logout,
  oauth2Backend,
  type Session,
  sessionStorageStore,
  sharedMemoryStore,
  simpleJwtBackend,
} from '../src/index.js';

const url = 'https://api.test/refresh';

function open(): Session {
  const session = createSession({ backend: envelopeBackend({ url }) });
  onTestFinished(() => session.dispose());
  return session;
}

describe('a session that is undefined, because modules import each other in a circle', () => {
  const none = undefined as unknown as Session;

  it.each<[string, () => unknown]>([
    ['attachSession', () => attachSession(axios.create(), none)],
    ['createSessionFetch', () => createSessionFetch(none)],
    ['keepAlive', () => keepAlive(none)],
    ['requireSignIn', () => requireSignIn(none, { to: '/login' })],
    ['createSessionPlugin', () => createSessionPlugin(none)],
  ])('%s says so at once', (_, act) => {
    expect(act).toThrow(/"session" must be what createSession\(\) returned, got undefined.*import circle/);
  });
});

describe('an option that does not exist', () => {
  it.each<[string, () => unknown]>([
    ['envelopeBackend', () => envelopeBackend({ url, sucess: {} } as never)],
    ['oauth2Backend', () => oauth2Backend({ url, clientId: 'app', sucess: {} } as never)],
    ['simpleJwtBackend', () => simpleJwtBackend({ url, sucess: {} } as never)],
    ['cookieBackend', () => cookieBackend({ url, sucess: {} } as never)],
    ['httpBackend', () => httpBackend({ url, sucess: {} } as never)],
    ['attachSession', () => attachSession(axios.create(), open(), { sucess: {} } as AttachOptions)],
    ['createSessionFetch', () => createSessionFetch(open(), { sucess: {} } as never)],
    ['localStorageStore', () => localStorageStore({ sucess: {} } as never)],
    ['sessionStorageStore', () => sessionStorageStore({ sucess: {} } as never)],
    ['sharedMemoryStore', () => sharedMemoryStore({ sucess: {} } as never)],
    ['logout', () => logout('/logout', { sucess: {} } as never)],
    ['refused', () => envelopeBackend({ url, refused: { sucess: {} } as never })],
    ['requireSignIn', () => requireSignIn(open(), { to: '/login', sucess: {} } as never)],
    ['watchIdle', () => watchIdle(open(), { idleAfter: 1_000, sucess: {} } as never)],
  ])('is refused by %s', (_, act) => {
    expect(act).toThrow('There is no option "sucess": check its spelling');
  });

  it('with the value undefined is taken for absent', () => {
    expect(() => envelopeBackend({ url, sucess: undefined } as never)).not.toThrow();
  });
});

it('the global axios is refused: other libraries use it too', () => {
  expect(() => attachSession(axios, open())).toThrow('"instance" must be your own, from axios.create()');
});
