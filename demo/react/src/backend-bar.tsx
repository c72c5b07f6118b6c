import { expireToken, signOutElsewhere, useCounted } from './backend';

export function BackendBar() {
  const counted = useCounted();
  return (
    <footer>
      <p>
        The server in this page: <output>{counted}</output>
      </p>
      <button type="button" onClick={expireToken}>
        Expire the token
      </button>
      <button type="button" onClick={signOutElsewhere}>
        Sign out elsewhere
      </button>
    </footer>
  );
}
