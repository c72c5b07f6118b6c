import axios from 'axios';
import { createSession, envelopeBackend, localStorageStore, type Session } from 'unexpired';
import { attachSession } from 'unexpired/axios';
import { reactive } from 'vue';
import { addressOf } from '../../backend/route';
import { PASSWORD } from '../../backend/users';
import { logLines } from '../../shared/session-lines';
import type { App } from './app';

/** The application of the right column: the first lines of the README. */
export function createUnexpiredApp(room: string): App {
  const app = { loginPages: 0 };
  const lines = reactive<string[]>([]);
  const here = createTab(room, () => void app.loginPages++);
  const other = createTab(room, () => {});
  logLines(here.session, (line) => lines.push(line));

  return {
    api: here.api,
    signIn: here.signIn,
    user: () => userOf(here.session),
    get loginPages() {
      return app.loginPages;
    },
    otherTab: { signIn: other.signIn, signOut: () => other.session.signOut(), api: other.api },
    lines,
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
