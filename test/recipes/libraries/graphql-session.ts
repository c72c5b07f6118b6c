import { createSession, simpleJwtBackend } from 'unexpired';
import { createSessionFetch } from 'unexpired/fetch';

export const url = 'https://api.example.com';

/** Servers such as Apollo Server refuse a token in HTTP 200, by a code in the body. */
const backend = simpleJwtBackend({
  url: `${url}/token/refresh/`,
  refused: { statuses: [200], codes: ['UNAUTHENTICATED'], field: 'errors[].extensions.code' },
});

export const session = createSession({ backend });
export const sessionFetch = createSessionFetch(session, { origins: [url] });
