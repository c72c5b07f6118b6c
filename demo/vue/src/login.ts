import { isSessionError, readReturnTo } from 'unexpired';
import { api } from './api';
import { router } from './router';
import { session } from './session';

/** What went wrong, in words for the user. */
export async function logIn(username: string, password: string): Promise<string | undefined> {
  try {
    const { data } = await api.post('/login/', { username, password });
    await session.signIn(data);
  } catch (error) {
    return isSessionError(error, 'invalid_token_response') ? 'Wrong user or password.' : 'Please try again.';
  }
  await router.replace(readReturnTo(location.search));
}
