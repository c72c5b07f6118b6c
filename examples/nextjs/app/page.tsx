import { redirect } from 'next/navigation';
import { signOut, withSession } from '../lib/session';

/** Several of these render at once, with the same session: they cost one refresh. */
async function Orders() {
  const orders = await withSession(async (_, api) => {
    const answer = await api(`${process.env.API_ORIGIN}/order/`);
    return answer.ok ? answer.json() : [];
  });
  if (!orders) redirect('/login');
  return <pre>{JSON.stringify(orders)}</pre>;
}

async function leave() {
  'use server';
  await signOut();
  redirect('/login');
}

export default function Page() {
  return (
    <>
      <Orders />
      <Orders />
      <form action={leave}>
        <button type="submit">Sign out</button>
      </form>
    </>
  );
}
