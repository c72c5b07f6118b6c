import { describe, expect, it } from 'vitest';
import { type Challenge, challengesOf } from '../../src/backends/challenge.js';

const challenge = (scheme: string, parameters: Challenge['parameters'] = {}): Challenge => ({
  scheme,
  parameters,
});

describe('the challenges of WWW-Authenticate', () => {
  it.each<[string | null, Challenge[]]>([
    [null, []],
    ['', []],
    [' , ,', []],
    ['Bearer', [challenge('bearer')]],
    ['Bearer realm="api"', [challenge('bearer', { realm: 'api' })]],
    [
      'BEARER Realm="api", ERROR=invalid_token',
      [challenge('bearer', { realm: 'api', error: 'invalid_token' })],
    ],
    ['Bearer error = "a" ,  scope="b c"', [challenge('bearer', { error: 'a', scope: 'b c' })]],
    ['Bearer error="say \\"no\\", \\\\ twice"', [challenge('bearer', { error: 'say "no", \\ twice' })]],
    ['Bearer realm=""', [challenge('bearer', { realm: '' })]],
    [
      'Basic realm="a, Bearer error=b", Bearer error="invalid_token", Digest nonce=x, qop="auth,auth-int"',
      [
        challenge('basic', { realm: 'a, Bearer error=b' }),
        challenge('bearer', { error: 'invalid_token' }),
        challenge('digest', { nonce: 'x', qop: 'auth,auth-int' }),
      ],
    ],
    ['Negotiate, Basic realm="x"', [challenge('negotiate'), challenge('basic', { realm: 'x' })]],
    ['Negotiate YWJj/+==, Bearer error=e', [challenge('negotiate'), challenge('bearer', { error: 'e' })]],
    ['NTLM abc=', [challenge('ntlm')]],
    [',, Bearer ,error="e",,', [challenge('bearer', { error: 'e' })]],
    ['Bearer error="first", error="second"', [challenge('bearer', { error: 'first' })]],
    ['error="of no scheme"', []],
    ['Bearer error="never closed', [challenge('bearer')]],
    ['Bearer realm="ok", @@@', [challenge('bearer', { realm: 'ok' })]],
  ])('%j', (header, challenges) => {
    expect(challengesOf(header)).toEqual(challenges);
  });

  it('are parsed quickly in a long malformed header', () => {
    const began = performance.now();
    challengesOf(`Bearer ${'a '.repeat(20_000)}`);
    challengesOf(`Bearer a="${'\\'.repeat(40_001)}`);
    challengesOf(`${' ,'.repeat(20_000)}=`);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
