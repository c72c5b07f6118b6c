import { type ActionFunctionArgs, redirect } from 'react-router';
import { isSessionError, readReturnTo } from 'unexpired';
import { api } from './api';
import { session } from './session';

export async function logIn({ request }: ActionFunctionArgs) {
  try {
    const { data } = await api.post('/login/', Object.fromEntries(await request.formData()));
    await session.signIn(data); // the login response, unchanged; throws if it has no tokens
  } catch (error) {
    return isSessionError(error, 'invalid_token_response') ? 'Wrong user or password.' : 'Please try again.';
  }
  return redirect(readReturnTo(new URL(request.url).search)); // accepts only paths of your own origin
}
