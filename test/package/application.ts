import axios from 'axios';
import { createSession, envelopeBackend, localStorageStore, loginRedirect, readReturnTo } from 'unexpired';
import { attachSession } from 'unexpired/axios';

// A small application for the browser tests in the guides: a login page, and a page with a button.

const session = createSession({
  backend: envelopeBackend({ url: '/update_token/' }),
  store: localStorageStore(),
  onSignedOut: loginRedirect({ to: '/login' }),
});
const api = axios.create({ baseURL: '/' });
attachSession(api, session, { exclude: ['/login/'] });

const LOGIN = `
  <form>
    <label>Name <input name="username" /></label>
    <label>Password <input name="password" type="password" /></label>
    <button>Log in</button>
  </form>`;

document.body.innerHTML = location.pathname === '/login' ? LOGIN : '<button>Orders</button><output></output>';
document.querySelector('form')?.addEventListener('submit', logIn);
document.querySelector('body > button')?.addEventListener('click', loadOrders);

async function logIn(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const form = new FormData(event.target as HTMLFormElement);
  await session.signIn((await api.post('/login/', Object.fromEntries(form))).data);
  location.replace(readReturnTo(location.search));
}

async function loadOrders(): Promise<void> {
  document.querySelector('output')!.textContent = JSON.stringify((await api.get('/order/')).data);
}
