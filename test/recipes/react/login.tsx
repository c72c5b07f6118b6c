import { type ActionFunctionArgs, Form, redirect, useActionData } from 'react-router';
import { isSessionError, readReturnTo } from 'unexpired';
import { api } from './api';
import { session } from './session';

export async function logIn({ request }: ActionFunctionArgs) {
  const { data } = await api.post('/login/', Object.fromEntries(await request.formData()));
  try {
    await session.signIn(data); // the login response, unchanged
  } catch (error) {
    if (isSessionError(error, 'invalid_token_response')) return 'Wrong user or password.';
    throw error;
  }
  return redirect(readReturnTo(new URL(request.url).search));
}

export function LoginPage() {
  const problem = useActionData<string>();
  return (
    <Form method="post">
      <input name="username" aria-label="User" autoComplete="username" />
      <input name="password" aria-label="Password" type="password" autoComplete="current-password" />
      <button type="submit">Sign in</button>
      <p role="alert">{problem}</p>
    </Form>
  );
}
