import { createClient } from 'redis';
import { createSession, isSessionError, oauth2Backend, type Session } from 'unexpired';
import { createSessionFetch } from 'unexpired/fetch';
import { redisStore } from 'unexpired/redis';

const client = createClient({ url: process.env.REDIS_URL! });
client.on('error', (error) => console.error('Redis:', error.message));
await client.connect();

const { CRM_ORIGIN: CRM = 'https://crm.example.com' } = process.env;
const backend = oauth2Backend({ url: `${CRM}/oauth/token`, clientId: 'our-app' });
const sessions = new Map<string, Session>();

/** One session for each customer, for as long as the worker lives. All workers of the fleet share it. */
function sessionOf(customer: string): Session {
  const before = sessions.get(customer);
  if (before) return before;
  const session = createSession({
    backend,
    store: redisStore({ client, key: `crm:${customer}` }),
    onSignedOut: ({ reason }) => console.error(`${customer} must connect the CRM again: ${reason}`),
  });
  sessions.set(customer, session);
  return session;
}

/** Copies a customer's contacts. `later`: the CRM, its token endpoint or Redis cannot be reached; put the job back. */
export async function copyContacts(customer: string): Promise<'done' | 'later' | 'disconnected'> {
  const session = sessionOf(customer);
  try {
    await session.ready;
    // Without a session, a request is sent without a token.
    if (session.status === 'signed-out') return 'disconnected';
    const answer = await createSessionFetch(session, { origins: [CRM] })(`${CRM}/contacts`);
    return answer.ok ? 'done' : 'later';
  } catch (error) {
    const isOver = isSessionError(error, 'signed_out') || isSessionError(error, 'refresh_rejected');
    return isOver ? 'disconnected' : 'later';
  }
}

/** Call it when the customer returns from the CRM's consent page. `answer`: the response body of its token endpoint. */
export function connect(customer: string, answer: unknown): Promise<void> {
  return sessionOf(customer).signIn(answer);
}

export async function stop(): Promise<void> {
  for (const session of sessions.values()) session.dispose();
  await client.close();
}
