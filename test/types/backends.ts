import { cookieBackend, envelopeBackend, oauth2Backend, simpleJwtBackend } from '../../src/index.js';

oauth2Backend({ url: '/token', clientId: 'app', scope: 'orders', parameters: { audience: 'api' } });
// @ts-expect-error without a client there is nobody to ask for
oauth2Backend({ url: '/token' });
// @ts-expect-error a page can keep no secret
oauth2Backend({ url: '/token', clientId: 'app', parameters: { client_secret: 'told to everybody' } });
// @ts-expect-error nor is there an option for one
oauth2Backend({ url: '/token', clientId: 'app', clientSecret: 'told to everybody' });

simpleJwtBackend({ url: '/api/token/refresh/', carry: { scheme: 'JWT' } });
// @ts-expect-error the names are simplejwt's
simpleJwtBackend({ url: '/api/token/refresh/', fields: { accessToken: 'token' } });
// @ts-expect-error a backend is asked at an address
simpleJwtBackend({});

cookieBackend({ url: '/refresh', rejected: [401, 403] });
cookieBackend({ url: '/refresh', rejected: (status, body) => status === 200 && body === null });
// @ts-expect-error a refresh token in a cookie has no name in the answer
cookieBackend({ url: '/refresh', fields: { refreshToken: 'refresh' } });
// @ts-expect-error a method that changes nothing on the server, or one that does
cookieBackend({ url: '/refresh', method: 'DELETE' });

envelopeBackend({ url: '/update_token/', headers: { 'X-Tenant': 'seven' }, credentials: 'include' });
// @ts-expect-error no such field
envelopeBackend({ url: '/update_token/', fields: { token: 'jwt' } });
