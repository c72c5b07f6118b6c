import { useSession } from 'unexpired/react';
import { session } from '../session';

export function ProfilePage() {
  const { claims } = useSession(session);
  return (
    <>
      <h1>Your profile</h1>
      <h2>Claims of the access token</h2>
      <dl>
        {Object.entries(claims ?? {}).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{String(value)}</dd>
          </div>
        ))}
      </dl>
      <p className="hint">Updated when the session gets a new token.</p>
    </>
  );
}
