import { readReturnTo } from 'unexpired';
import { api } from './api';
import { navigate } from './route';
import { session } from './session';

export async function signIn(username: string, password: string): Promise<void> {
  const { data } = await api.post('/login/', { username, password });
  await session.signIn(data);
}

/** From the login page, which knows the way back. */
export async function logIn(username: string, password: string): Promise<void> {
  await signIn(username, password);
  navigate(readReturnTo(location.search, '/orders'));
}
