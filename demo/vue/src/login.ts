import { isSessionError, readReturnTo } from 'unexpired';
import { api } from './api';
import { router } from './router';
import { session } from './session';

/** Returns an error message for the user if the login fails. */
export async function logIn(username: string, password: string): Promise<string | undefined> {
  try {
    const { data } = await api.post('/api/login/', { username, password });
    await session.signIn(data);
  } catch (error) {
    return isSessionError(error, 'invalid_token_response') ? 'Wrong user or password.' : 'Please try again.';
  }
  await router.replace(readReturnTo(location.search));
}
