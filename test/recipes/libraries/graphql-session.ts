import { type Backend, createSession, simpleJwtBackend } from 'unexpired';
import { createSessionFetch } from 'unexpired/fetch';
import { url } from './session';

interface GraphQLAnswer {
  errors?: { extensions?: { code?: string } }[];
}

/** Apollo Server says so in HTTP 200 if a resolver refuses the token, and in 500 if its `context` does. */
const backend: Backend = {
  ...simpleJwtBackend({ url: `${url}/token/refresh/` }),
  refuses: ({ status, body }) => {
    if (status === 401) return true;
    const { errors } = (body() as GraphQLAnswer | null | undefined) ?? {};
    return errors?.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED') ?? false;
  },
};

export const session = createSession({ backend });
export const sessionFetch = createSessionFetch(session, { origins: [url] });
