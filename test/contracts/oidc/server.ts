/**
 * An OpenID provider with oidc-provider, which rotates refresh tokens and treats a reused one as stolen; and an API
 * that accepts its access tokens. Prints its port. Environment variables: ACCESS_FORMAT (opaque, jwt),
 * ACCESS_SECONDS, TZ, CLOCK_OFFSET (ms).
 */
import './clock.ts';
import { generateKeyPairSync, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider';

const { ACCESS_FORMAT = 'opaque', ACCESS_SECONDS = '60' } = process.env;
const API = 'urn:orders';
/** A sign-in with a one-time password. */
const OTP = 'urn:otp';
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
let broken = false;
const denied = new Set<string>();

const configuration: Configuration = {
  clients: [
    {
      client_id: 'app',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['https://app.test/callback'],
    },
  ],
  jwks: {
    keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'ES256' } as never],
  },
  enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
  clientDefaults: { id_token_signed_response_alg: 'ES256' },
  cookies: { keys: ['for tests'] },
  clientBasedCORS: () => true,
  ttl: {
    AccessToken: Number(ACCESS_SECONDS),
    RefreshToken: 3_600,
    Grant: 3_600,
    Session: 3_600,
    Interaction: 600,
  },
  features: {
    devInteractions: { enabled: false },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: 'orders',
        accessTokenFormat: ACCESS_FORMAT as 'opaque' | 'jwt',
        accessTokenTTL: Number(ACCESS_SECONDS),
        jwt: { sign: { alg: 'ES256' } },
      }),
      useGrantedResource: () => true,
    },
  },
  interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
  loadExistingGrant: grantEverything,
  acrValues: [OTP],
  extraTokenClaims: ({ oidc: { entities } }) => ({
    acr: (entities.AuthorizationCode ?? entities.RefreshToken)?.acr,
  }),
  findAccount(_context, accountId) {
    if (broken) throw new Error('the database is gone');
    return { accountId, claims: () => ({ sub: accountId }) };
  },
};

async function grantEverything({ oidc }: KoaContextWithOIDC) {
  const { accountId } = oidc.session as { accountId: string };
  const grant = new oidc.provider.Grant({ accountId, clientId: 'app' });
  grant.addOIDCScope('openid offline_access');
  grant.addResourceScope(API, 'orders');
  await grant.save();
  return grant;
}

const server = createServer((request, response) => void answer(request, response));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const provider = new Provider(`http://127.0.0.1:${port}`, configuration);
provider.on('server_error', () => {}); // requested with /break
const provide = provider.callback();
console.log(port);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, room, name] = (request.url ?? '').split(/[/?]/);
  response.setHeader('Date', new Date().toUTCString());
  if (room === 'orders') return giveOrders(request, response);
  if (room === 'transfers') return giveTransfers(request, response);
  if (room === 'interaction') return logIn(request, response);
  if (room === 'break') broken = name === 'on';
  else if (room === 'deny') denied.add(tokenOf(request));
  else return provide(request, response);
  response.writeHead(204).end();
}

/** The provider asks nothing: the user agrees to everything. */
async function logIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params } = await provider.interactionDetails(request, response);
  const acr = params.acr_values === OTP && { acr: OTP };
  const result = prompt.name === 'login' ? { login: { accountId: 'kevin', ...acr } } : { consent: {} };
  await provider.interactionFinished(request, response, result);
}

async function giveOrders(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Access-Control-Allow-Headers', 'authorization');
  if (request.method === 'OPTIONS') return void response.writeHead(204).end();
  const token = tokenOf(request);
  const isGood = ACCESS_FORMAT === 'jwt' ? isSigned(token) : await provider.AccessToken.find(token);
  const accepted = isGood && !denied.has(token);
  const headers = { 'Content-Type': 'application/json', 'WWW-Authenticate': 'Bearer error="invalid_token"' };
  response.writeHead(accepted ? 200 : 401, headers);
  response.end(JSON.stringify(accepted ? { orders: [1, 2, 3] } : { error: 'invalid_token' }));
}

/** Only for users who have signed in with a one-time password (RFC 9470). */
async function giveTransfers(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const token = tokenOf(request);
  const claims = ACCESS_FORMAT === 'jwt' ? claimsOf(token) : (await provider.AccessToken.find(token))?.extra;
  const isStrong = claims?.acr === OTP;
  const challenge = `Bearer error="insufficient_user_authentication", acr_values="${OTP}"`;
  response.writeHead(isStrong ? 200 : 401, isStrong ? {} : { 'WWW-Authenticate': challenge });
  response.end(isStrong ? 'done' : 'more, please');
}

function claimsOf(token: string): Record<string, unknown> | undefined {
  return isSigned(token)
    ? JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    : undefined;
}

function tokenOf({ headers }: IncomingMessage): string {
  return headers.authorization?.split('Bearer ')[1] ?? '';
}

/** Like an API that never calls the provider: it checks only the signature and `exp`. */
function isSigned(token: string): boolean {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
  const data = Buffer.from(`${header}.${claims}`);
  if (!verify('sha256', data, key, Buffer.from(signature, 'base64url'))) return false;
  const { exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { exp: number };
  return exp * 1000 > Date.now();
}
