import axios from 'axios';
import { createSession, envelopeBackend, localStorageStore, type Session } from 'unexpired';
import { attachSession } from 'unexpired/axios';
import { record } from 'unexpired/recorder';
import { addressOf } from '../../backend/route';
import { PASSWORD } from '../../backend/users';
import type { App } from './app';

/** The application of the right column: the first lines of the README. */
export function createUnexpiredApp(room: string): App {
  const app = { loginPages: 0 };
  const here = createTab(room, () => void app.loginPages++);
  const other = createTab(room, () => {});
  const { report } = record(here.session);

  return {
    api: here.api,
    signIn: here.signIn,
    user: () => userOf(here.session),
    get loginPages() {
      return app.loginPages;
    },
    get otherTab() {
      record(other.session); // only now, so that a report names this tab only if it takes part
      return { signIn: other.signIn, signOut: () => other.session.signOut(), api: other.api };
    },
    report,
    async close() {
      await here.session.signOut();
      here.session.dispose();
      other.session.dispose();
    },
  };
}

function createTab(room: string, onSignedOut: () => void) {
  const baseURL = addressOf('unexpired');
  const session = createSession({
    backend: envelopeBackend({ url: `${baseURL}update_token/` }),
    store: localStorageStore({ key: `unexpired-demo-${room}` }),
    onSignedOut,
  });
  const api = axios.create({ baseURL });
  attachSession(api, session, { exclude: ['/login/'] });

  async function signIn(username: string): Promise<void> {
    const { data } = await api.post('login/', { username, password: PASSWORD });
    await session.signIn(data);
  }

  return { session, api, signIn };
}

function userOf({ claims }: Session): string | undefined {
  return claims?.user_id as string | undefined;
}
