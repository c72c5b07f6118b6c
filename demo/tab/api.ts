import axios from 'axios';
import { attachSession } from 'unexpired/axios';
import { addressOf } from '../backend/route';
import { session } from './session';

export const api = axios.create({ baseURL: addressOf('tabs') });
attachSession(api, session, { exclude: ['/login/'] });

export async function signIn(username: string, password: string): Promise<void> {
  const { data } = await api.post('login/', { username, password });
  await session.signIn(data);
}
