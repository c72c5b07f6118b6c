/** The tokens that the server has issued. Rotation is strict: if a refresh token is used twice, its session ends. */
export function createTokens(settings) {
  const access = new Map();
  const refresh = new Map();
  let serial = 0;

  function issue(grant, lifetime = settings.lifetime) {
    const expiresAt = Date.now() + lifetime;
    const accessToken = jwt({ sub: '1', exp: expiresAt / 1000, jti: String(++serial) });
    const refreshToken = `refresh-${serial}`;
    access.set(accessToken, { grant, expiresAt });
    refresh.set(refreshToken, { grant, used: false });
    return { accessToken, refreshToken, expiresAt };
  }

  return {
    begin: (lifetime) => issue({ revoked: false }, lifetime),
    accepts(token) {
      const entry = access.get(token);
      return entry !== undefined && !entry.grant.revoked && Date.now() < entry.expiresAt;
    },
    rotate(token) {
      const entry = refresh.get(token);
      if (!entry || entry.grant.revoked) return null;
      if (entry.used) {
        entry.grant.revoked = true;
        return null;
      }
      entry.used = true;
      return issue(entry.grant);
    },
    distrust: () => access.clear(),
  };
}

/** A JWT in the format that authorization servers issue (RFC 9068). The signature is not checked. */
export function jwt(claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const common = {
    iss: 'https://accounts.example.com',
    aud: 'https://api.example.com',
    client_id: 'web',
    scope: 'openid profile email orders:read orders:write',
    name: 'Kevin Example',
    email: 'kevin@example.com',
  };
  return `${part({ alg: 'RS256', typ: 'at+jwt', kid: '2026-11' })}.${part({ ...common, ...claims })}.${'s'.repeat(342)}`;
}
