import { useSession } from 'unexpired/react';
import { session } from '../session';

export function ProfilePage() {
  const { claims } = useSession(session);
  return (
    <>
      <h1>Your profile</h1>
      <h2>What the access token says</h2>
      <dl>
        {Object.entries(claims ?? {}).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{String(value)}</dd>
          </div>
        ))}
      </dl>
      <p className="hint">Shown again whenever the session has a new one.</p>
    </>
  );
}
