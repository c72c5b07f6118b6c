import axios from 'axios';
import { describe, expect, it, onTestFinished } from 'vitest';
import { piniaStore } from '../src/bindings/pinia.js';
import { createSessionPlugin, requireSignIn } from '../src/bindings/vue.js';
import { vuexStore } from '../src/bindings/vuex.js';
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
  loginRedirect,
  logout,
  oauth2Backend,
  type Session,
  sessionStorageStore,
  sharedMemoryStore,
  simpleJwtBackend,
  stepUpCodes,
  tabs,
  warnBeforeEnd,
} from '../src/index.js';
import { redisStore } from '../src/redis/index.js';
import { createTestBackend } from '../src/testing/backend.js';

const url = 'https://api.test/refresh';

const state = { token: null, refresh_token: null, token_time: null };
const pinia = { $state: state, $patch() {}, $subscribe: () => () => {} };
const vuex = { state, commit() {}, subscribe: () => () => {}, watch: () => () => {} };
const redis = { get() {}, eval() {}, duplicate() {} };

function open(): Session {
  const session = createSession({ backend: envelopeBackend({ url }) });
  onTestFinished(() => session.dispose());
  return session;
}

describe('an undefined session, as in an import circle', () => {
  const none = undefined as unknown as Session;

  it.each<[string, () => unknown]>([
    ['attachSession', () => attachSession(axios.create(), none)],
    ['createSessionFetch', () => createSessionFetch(none)],
    ['keepAlive', () => keepAlive(none)],
    ['requireSignIn', () => requireSignIn(none, { to: '/login' })],
    ['createSessionPlugin', () => createSessionPlugin(none)],
  ])('throws a clear error at once in %s', (_, act) => {
    expect(act).toThrow(/"session" must be what createSession\(\) returned, got undefined.*import circle/);
  });
});

describe('an undefined store of the application, as in an import circle', () => {
  it.each<[string, () => unknown]>([
    ['vuexStore', () => vuexStore(undefined as never)],
    ['piniaStore', () => piniaStore(undefined as never)],
  ])('throws a clear error at once in %s', (_, act) => {
    expect(act).toThrow(
      /^"store" must be a (Vuex|Pinia) store(: look for an import circle)?, got undefined$/,
    );
  });

  it('throws an error that names the missing call if piniaStore gets the function that returns the store', () => {
    expect(() => piniaStore((() => pinia) as never)).toThrow('got a function: call it');
  });
});

it('requireSignIn throws at once for an option that is not the function that it must call later', () => {
  expect(() => requireSignIn(open(), { to: '/login', required: true as never })).toThrow(
    '"required" must be a function, got true',
  );
});

it('requireSignIn names the option that is missing', () => {
  expect(() => requireSignIn(open(), undefined as never)).toThrow('"to" must be the path');
});

describe('an unknown option', () => {
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
    ['loginRedirect', () => loginRedirect({ to: '/login', sucess: {} } as never)],
    ['createSessionPlugin', () => createSessionPlugin(open(), { sucess: {} } as never)],
    ['piniaStore', () => piniaStore(pinia, { sucess: 'a' } as never)],
    ['vuexStore', () => vuexStore(vuex, { sucess: {} } as never)],
    ['warnBeforeEnd', () => warnBeforeEnd(open(), { sucess: {} } as never)],
    ['tabs', () => tabs('app', { sucess: {} } as never)],
    ['stepUpCodes', () => stepUpCodes({ codes: [1], sucess: {} } as never)],
    ['redisStore', () => redisStore({ client: redis, key: 'a', sucess: {} } as never)],
    ['createTestBackend', () => createTestBackend({ sucess: {} } as never)],
    ['configure of a test backend', () => createTestBackend().configure({ sucess: {} } as never)],
  ])('throws in %s', (_, act) => {
    expect(act).toThrow('There is no option "sucess": check its spelling');
  });

  it('with the value undefined is ignored', () => {
    expect(() => envelopeBackend({ url, sucess: undefined } as never)).not.toThrow();
  });
});

describe('a value instead of an array', () => {
  const refused = { statuses: 403 } as never;

  it.each<[string, string, () => unknown]>([
    ['statuses', 'refused of envelopeBackend', () => envelopeBackend({ url, refused })],
    ['statuses', 'refused of oauth2Backend', () => oauth2Backend({ url, clientId: 'app', refused })],
    ['codes', 'refused of httpBackend', () => httpBackend({ url, refused: { codes: 403 } as never })],
    ['statuses', 'rejected of httpBackend', () => httpBackend({ url, rejected: refused })],
    ['codes', 'rejected of httpBackend', () => httpBackend({ url, rejected: { codes: 403 } as never })],
    ['codes', 'success of httpBackend', () => httpBackend({ url, success: { codes: 403 } as never })],
    ['rejected', 'envelopeBackend', () => envelopeBackend({ url, rejected: 403 as never })],
    ['rejected', 'oauth2Backend', () => oauth2Backend({ url, clientId: 'app', rejected: 403 as never })],
    ['rejected', 'cookieBackend', () => cookieBackend({ url, rejected: 403 as never })],
    ['codes', 'stepUpCodes', () => stepUpCodes({ codes: 403 as never })],
    ['statuses', 'stepUpCodes', () => stepUpCodes({ codes: [1], statuses: 403 as never })],
  ])('throws for %s: %s', (name, _, act) => {
    expect(act).toThrow(new TypeError(`"${name}" must be an array, got 403`));
  });

  it('throws for a text, which has includes(), too', () => {
    const act = () => oauth2Backend({ url, clientId: 'app', rejected: 'invalid_grant' as never });
    expect(act).toThrow('"rejected" must be an array, got a string');
  });
});

it('a place of the access token that cookieBackend does not know is named in an error', () => {
  const act = () => cookieBackend({ url, accessToken: 'cookies' as never });
  expect(act).toThrow(new TypeError(`"accessToken" must be 'answer' or 'cookie', got a string`));
  expect(() => cookieBackend({ url, accessToken: 'answer' })).not.toThrow();
});

describe('an unknown name inside an option', () => {
  const typo = { sucess: 'a' } as never;

  it.each<[string, () => unknown]>([
    ['fields of envelopeBackend', () => envelopeBackend({ url, fields: typo })],
    ['success of envelopeBackend', () => envelopeBackend({ url, success: typo })],
    ['carry', () => oauth2Backend({ url, clientId: 'app', carry: typo })],
    ['fields of httpBackend', () => httpBackend({ url, fields: typo })],
    ['success of httpBackend', () => httpBackend({ url, success: typo })],
    ['rejected of httpBackend', () => httpBackend({ url, rejected: typo })],
    ['refreshToken of httpBackend', () => httpBackend({ url, refreshToken: typo })],
    ['fields of cookieBackend', () => cookieBackend({ url, fields: typo })],
    ['csrf of cookieBackend', () => cookieBackend({ url, csrf: typo })],
    ['user of cookieBackend', () => cookieBackend({ url, accessToken: 'cookie', user: typo })],
    ['refreshToken of logout', () => logout('/logout', { refreshToken: typo })],
    ['fields of vuexStore', () => vuexStore(vuex, { fields: typo })],
    ['paths of createTestBackend', () => createTestBackend({ paths: typo })],
    ['latency of createTestBackend', () => createTestBackend({ latency: typo })],
    ['csrf of createTestBackend', () => createTestBackend({ protocol: 'cookie', csrf: typo })],
  ])('throws: %s', (_, act) => {
    expect(act).toThrow('There is no option "sucess": check its spelling');
  });

  it('does not affect known names, which are accepted', () => {
    const names = { accessToken: 'a', refreshToken: 'b', expiresIn: 'c', expiry: 'd', data: 'e' };
    const all = () => {
      envelopeBackend({ url, fields: { ...names, code: 'f' }, success: { login: 1, refresh: 2 } });
      httpBackend({ url, fields: { ...names, expiresInMs: 'g' }, success: { field: 'h', codes: [1] } });
      httpBackend({ url, rejected: { statuses: [401], codes: [1], field: 'h' } });
      for (const carry of [{ header: 'X', scheme: '' }, { query: 'x' }, () => ({})])
        oauth2Backend({ url, clientId: 'app', carry });
      for (const refreshToken of [{ json: 'r' }, { form: 'r' }, { query: 'r' }, { header: 'R', scheme: '' }])
        httpBackend({ url, refreshToken, signOut: logout('/logout', { refreshToken }) });
      createTestBackend({
        paths: { order: '/api/*' },
        latency: { login: 1, logout: 2 },
        keepRefreshToken: true,
      });
    };
    expect(all).not.toThrow();
  });
});

it('attachSession rejects the global axios, because other libraries use it too', () => {
  expect(() => attachSession(axios, open())).toThrow('"instance" must be your own, from axios.create()');
});
