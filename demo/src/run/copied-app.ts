import { jwtDecode } from 'jwt-decode';
import { addressOf } from '../../backend/route';
import { PASSWORD } from '../../backend/users';
import { createApi as createSimple } from '../../copied/interceptor';
import { createApi as createQueued } from '../../copied/interceptor-with-queue';
import type { Project } from '../../copied/project';
import type { App } from './app';
import type { Variant } from './script';

const NAMES = ['token', 'refresh_token', 'token_time'];

const CREATE = { copied: createSimple, queued: createQueued };

/** The application of the left column. Its tokens are in localStorage, so a second instance of the code acts as another tab. */
export function createCopiedApp(room: string, variant: Variant): App {
  const storage = prefixed(`unexpired-demo-${room}-copied-`);
  const baseURL = addressOf('copied');
  const app = { loginPages: 0 };
  const project: Project = { baseURL, storage, openLoginPage: () => void app.loginPages++ };
  const createTab = () => CREATE[variant](project);
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
    report: () => undefined,
    close: async () => signOut(),
  };
}

function prefixed(prefix: string): Project['storage'] {
  return {
    getItem: (name) => localStorage.getItem(prefix + name),
    setItem: (name, value) => localStorage.setItem(prefix + name, value),
    removeItem: (name) => localStorage.removeItem(prefix + name),
  };
}
