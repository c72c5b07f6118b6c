import { createSessionFetch } from 'unexpired/fetch';
import { session } from './session';

export const sessionFetch = createSessionFetch(session, { exclude: ['/login/'] });
