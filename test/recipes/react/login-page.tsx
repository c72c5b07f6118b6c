import { Form, useActionData } from 'react-router';

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
