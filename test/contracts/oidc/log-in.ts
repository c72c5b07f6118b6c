import { createHash, randomBytes } from 'node:crypto';

const CALLBACK = 'https://app.test/callback';

/**
 * Runs the authorization code flow with PKCE (RFC 7636) like a browser and an application. Returns the token
 * response. `more`: additional parameters of the authorization request.
 */
export async function logIn(
  origin: string,
  more: Record<string, string> = {},
): Promise<{ access_token: string; refresh_token: string }> {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: 'app',
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid offline_access orders',
    resource: 'urn:orders',
    prompt: 'consent',
    ...more,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const code = await follow(`${origin}/auth?${query}`);
  const body = new URLSearchParams({
    client_id: 'app',
    grant_type: 'authorization_code',
    code,
    redirect_uri: CALLBACK,
    code_verifier: verifier,
  });
  const answer = await fetch(`${origin}/token`, { method: 'POST', body });
  if (!answer.ok) throw new Error(`The sign-in failed: ${await answer.text()}`);
  return answer.json() as Promise<{ access_token: string; refresh_token: string }>;
}

/** Follows redirects, with cookies, to the callback. Returns the code. */
async function follow(start: string): Promise<string> {
  const cookies = new Map<string, string>();
  let url = start;
  for (let step = 0; step < 10; step++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = answer.headers.get('location');
    if (!location) throw new Error(`The sign-in stopped with ${answer.status}: ${await answer.text()}`);
    url = new URL(location, url).href;
    const { searchParams } = new URL(url);
    if (url.startsWith(CALLBACK)) return searchParams.get('code') ?? Promise.reject(new Error(url));
  }
  throw new Error('The sign-in goes in a circle');
}
