import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { createClient } from 'redis';
import { createSession, oauth2Backend, type Session } from 'unexpired';
import { redisStore } from 'unexpired/redis';

const { REDIS_URL, API_ORIGIN, SESSION_SECRET } = process.env;

/** 32 bytes, in base64, the same in all processes. */
const secret = Buffer.from(SESSION_SECRET!, 'base64');
const client = createClient({ url: REDIS_URL! });
client.on('error', (error) => console.error('Redis:', error.message));
void client.connect(); // commands wait for it

const backend = oauth2Backend({ url: `${API_ORIGIN}/token/`, clientId: 'web' });

/** AES-256-GCM. The key is authenticated too: nobody can copy one user's tokens to another user's key. */
function encrypt(text: string, key: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(key));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

function decrypt(text: string, key: string): string {
  const bytes = Buffer.from(text, 'base64');
  const cipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, 12))
    .setAAD(Buffer.from(key))
    .setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([cipher.update(bytes.subarray(28)), cipher.final()]).toString('utf8');
}

/** The session that belongs to a session cookie. Dispose of it when the request is over. */
export function sessionOf(cookie: string): Session {
  // A hash, so that nobody who can read Redis learns the cookie.
  const key = `session:${createHash('sha256').update(cookie).digest('base64url')}`;
  return createSession({
    backend,
    store: redisStore({ client, key, encrypt, decrypt }),
    // If a process is killed while it refreshes, the others wait for 15 s at the most.
    refreshTimeout: 10_000,
  });
}
