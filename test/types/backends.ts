import { cookieBackend, envelopeBackend, oauth2Backend, simpleJwtBackend } from '../../src/index.js';

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
