import { jwtDecode } from 'jwt-decode';
import { addressOf } from '../../backend/route';
import { PASSWORD } from '../../backend/users';
import { createApi } from '../../copied/interceptor';
import type { App } from './app';

const NAMES = ['token', 'refresh_token', 'token_time'];

/** The application of the left column. All of its state is in localStorage, so another tab is the same code once more. */
export function createCopiedApp(room: string): App {
  const storage = prefixed(`unexpired-demo-${room}-copied-`);
  const baseURL = addressOf('copied');
  const app = { loginPages: 0 };
  const createTab = () => createApi({ baseURL, storage, openLoginPage: () => void app.loginPages++ });
  const api = createTab();

  async function signIn(username: string): Promise<void> {
    const response = await fetch(`${baseURL}login/`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username, password: PASSWORD }),
    });
    const { data } = await response.json();
    for (const name of NAMES) storage.setItem(name, data[name]);
  }

  function signOut(): void {
    for (const name of NAMES) storage.removeItem(name);
  }

  return {
    api,
    signIn,
    user() {
      const token = storage.getItem('token');
      return token ? jwtDecode<{ user_id: string }>(token).user_id : undefined;
    },
    get loginPages() {
      return app.loginPages;
    },
    otherTab: { signIn, signOut: async () => signOut(), api: createTab() },
    lines: [],
    close: async () => signOut(),
  };
}

function prefixed(prefix: string): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  return {
    getItem: (name) => localStorage.getItem(prefix + name),
    setItem: (name, value) => localStorage.setItem(prefix + name, value),
    removeItem: (name) => localStorage.removeItem(prefix + name),
  };
}
