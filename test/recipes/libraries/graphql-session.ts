import { createSession, simpleJwtBackend } from 'unexpired';
import { createSessionFetch } from 'unexpired/fetch';

export const url = 'https://api.example.com';

/** Apollo Server says so in HTTP 200 if a resolver refuses the token, and in 500 if its `context` does. */
const backend = simpleJwtBackend({
  url: `${url}/token/refresh/`,
  refused: { statuses: [200, 500], codes: ['UNAUTHENTICATED'], field: 'errors[].extensions.code' },
});

export const session = createSession({ backend });
export const sessionFetch = createSessionFetch(session, { origins: [url] });
