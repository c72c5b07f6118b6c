import axios from 'axios';
import { attachSession } from 'unexpired/axios';
import { session } from './session';

export const api = axios.create({ baseURL: '/' });
attachSession(api, session, { exclude: ['/api/login/'] });
