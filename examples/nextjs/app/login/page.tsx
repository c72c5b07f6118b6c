import { redirect } from 'next/navigation';
import { signIn } from '../../lib/session';

async function logIn(form: FormData) {
  'use server';
  const answer = await fetch(`${process.env.API_ORIGIN}/login/`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username: form.get('username'), password: form.get('password') }),
  });
  if (!answer.ok) redirect('/login?wrong');
  await signIn(await answer.json());
  redirect('/');
}

interface Props {
  searchParams: Promise<{ wrong?: string }>;
}

export default async function Page({ searchParams }: Props) {
  const { wrong } = await searchParams;
  return (
    <form action={logIn}>
      {wrong !== undefined && <p role="alert">Wrong name or password</p>}
      <input name="username" autoComplete="username" aria-label="Name" />
      <input name="password" type="password" autoComplete="current-password" aria-label="Password" />
      <button type="submit">Sign in</button>
    </form>
  );
}
