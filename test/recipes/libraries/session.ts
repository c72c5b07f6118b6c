import axios from 'axios';
import { createSession, simpleJwtBackend } from 'unexpired';
import { attachSession } from 'unexpired/axios';
import { createSessionFetch } from 'unexpired/fetch';

export const url = 'https://api.example.com';
export const session = createSession({ backend: simpleJwtBackend({ url: `${url}/token/refresh/` }) });
export const sessionFetch = createSessionFetch(session, { origins: [url] });
export const api = axios.create({ baseURL: url });
attachSession(api, session);
