import { readReturnTo } from 'unexpired';
import { api } from './api';
import { navigate } from './route';
import { session } from './session';

export async function signIn(username: string, password: string): Promise<void> {
  const { data } = await api.post('/login/', { username, password });
  await session.signIn(data);
}

/** Signs in on the login page, and then opens the page in `returnTo`. */
export async function logIn(username: string, password: string): Promise<void> {
  await signIn(username, password);
  navigate(readReturnTo(location.search, '/orders'));
}
