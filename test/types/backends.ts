import {
  type Backend,
  blacklist,
  cookieBackend,
  envelopeBackend,
  httpBackend,
  logout,
  oauth2Backend,
  revocation,
  signOutBy,
  simpleJwtBackend,
  timeZone,
} from '../../src/index.js';

oauth2Backend({ url: '/token', clientId: 'app', scope: 'orders', parameters: { audience: 'api' } });
// @ts-expect-error the client is missing
oauth2Backend({ url: '/token' });
// @ts-expect-error a page cannot keep a secret
oauth2Backend({ url: '/token', clientId: 'app', parameters: { client_secret: 'told to everybody' } });
// @ts-expect-error there is no option for a secret
oauth2Backend({ url: '/token', clientId: 'app', clientSecret: 'told to everybody' });

simpleJwtBackend({ url: '/api/token/refresh/', carry: { scheme: 'JWT' } });
// @ts-expect-error the names are simplejwt's
simpleJwtBackend({ url: '/api/token/refresh/', fields: { accessToken: 'token' } });
// @ts-expect-error the address is missing
simpleJwtBackend({});

cookieBackend({ url: '/refresh', rejected: [401, 403] });
cookieBackend({ url: '/refresh', rejected: (status, body) => status === 200 && body === null });
// @ts-expect-error a refresh token in a cookie has no name in the response
cookieBackend({ url: '/refresh', fields: { refreshToken: 'refresh' } });
// @ts-expect-error only GET and POST
cookieBackend({ url: '/refresh', method: 'DELETE' });

envelopeBackend({ url: '/update_token/', headers: { 'X-Tenant': 'seven' }, credentials: 'include' });
// @ts-expect-error no such field
envelopeBackend({ url: '/update_token/', fields: { token: 'jwt' } });

envelopeBackend({ url: '/update_token/', timeZone: timeZone('Asia/Shanghai') });
// @ts-expect-error use timeZone(name)
envelopeBackend({ url: '/update_token/', timeZone: 'Asia/Shanghai' });

oauth2Backend({
  url: '/token',
  clientId: 'app',
  parameters: { resource: ['https://a.test', 'https://b.test'] },
});
oauth2Backend({ url: '/token', clientId: 'app', signOut: revocation('/token/revocation') });
simpleJwtBackend({ url: '/api/token/refresh/', signOut: blacklist('/api/token/blacklist/') });
cookieBackend({ url: '/refresh', signOut: logout('/logout', { method: 'DELETE' }) });
envelopeBackend({
  url: '/update_token/',
  signOut: logout('/logout/', { refreshToken: { json: 'refresh' } }),
});
// @ts-expect-error an address alone does not say what to send
envelopeBackend({ url: '/update_token/', signOut: '/logout/' });
// @ts-expect-error no such place in a request
logout('/logout/', { refreshToken: { body: 'refresh' } });

httpBackend({ url: '/refresh', refreshToken: { header: 'Authorization', scheme: 'Bearer' } });
httpBackend({ url: '/refresh', headers: async () => ({ 'X-Tenant': 'seven' }) });
// @ts-expect-error a header is a string
httpBackend({ url: '/refresh', headers: () => ({ 'X-Tenant': 7 }) });
// @ts-expect-error no such field
httpBackend({ url: '/refresh', fields: { token: 'jwt' } });

cookieBackend({ url: '/refresh', accessToken: 'cookie', user: { url: '/me' }, expiryCookie: 'expires' });
// @ts-expect-error in a response or in a cookie
cookieBackend({ url: '/refresh', accessToken: 'header' });

const own: Backend = {
  refresh: async () => ({ accessToken: 'new' }),
  readTokens: () => ({ accessToken: 'first' }),
  signOut: signOutBy(async ({ refreshToken }, { signal }) => [refreshToken, signal.aborted]),
};
own.signOut satisfies object | undefined;
