import axios from 'axios';
import { attachSession } from 'unexpired/axios';
import { createSessionFetch } from 'unexpired/fetch';
import { session } from './session';

export const api = axios.create({ baseURL: '/' });
attachSession(api, session, { exclude: ['/api/login/'] });

export const sessionFetch = createSessionFetch(session, { exclude: ['/api/login/'] });
