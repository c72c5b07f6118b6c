import { type Backend, createSession, simpleJwtBackend } from 'unexpired';
import { createSessionFetch } from 'unexpired/fetch';
import { url } from './session';

interface GraphQLAnswer {
  errors?: { extensions?: { code?: string } }[];
}

/** Servers such as Apollo Server refuse a token in HTTP 200, by a code in the body. */
const backend: Backend = {
  ...simpleJwtBackend({ url: `${url}/token/refresh/` }),
  refuses: ({ status, body }) => {
    if (status === 401) return true;
    const { errors } = (status === 200 && (body() as GraphQLAnswer)) || {};
    return errors?.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED') ?? false;
  },
};

export const session = createSession({ backend });
export const sessionFetch = createSessionFetch(session, { origins: [url] });
