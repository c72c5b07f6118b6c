import { useSession } from 'unexpired/react';
import { session } from './session';

export function Header() {
  const { status, claims } = useSession(session);
  if (status !== 'signed-in') return null;
  return (
    <header>
      Signed in as {String(claims?.user_id)}{' '}
      <button type="button" onClick={() => session.signOut()}>
        Sign out
      </button>
    </header>
  );
}
