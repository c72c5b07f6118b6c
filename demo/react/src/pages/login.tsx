import { type ActionFunctionArgs, Form, redirect, useActionData, useNavigation } from 'react-router';
import { isSessionError, readReturnTo } from 'unexpired';
import { api } from '../api';
import { paths } from '../paths';
import { session } from '../session';

/** Returns an error message for the user if the login fails. */
export async function logIn({ request }: ActionFunctionArgs) {
  try {
    const { data } = await api.post('/api/login/', Object.fromEntries(await request.formData()));
    await session.signIn(data);
  } catch (error) {
    return isSessionError(error, 'invalid_token_response') ? 'Wrong user or password.' : 'Please try again.';
  }
  return redirect(readReturnTo(new URL(request.url).search, paths.orders));
}

export function LoginPage() {
  const problem = useActionData<string>();
  const { state } = useNavigation();
  return (
    <Form method="post" replace>
      <h1>Sign in</h1>
      <label>
        User <input name="username" defaultValue="kevin" autoComplete="username" required />
      </label>
      <label>
        Password
        <input
          name="password"
          type="password"
          defaultValue="open-sesame"
          autoComplete="current-password"
          required
        />
      </label>
      <p className="problem" role="alert">
        {problem}
      </p>
      <button className="primary" type="submit" disabled={state !== 'idle'}>
        Sign in
      </button>
    </Form>
  );
}
