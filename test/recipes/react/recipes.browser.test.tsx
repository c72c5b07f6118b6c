import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { network } from '#network';
import { createTestBackend } from '../../../src/testing/index.js';
import { mockNetwork } from '../../support/mock-network.js';
import { router } from './router.js';
import { session } from './session.js';

mockNetwork();

const place = location.href;
let root: ReturnType<typeof createRoot>;
let container: HTMLElement;

function startServer() {
  const server = createTestBackend({ accessLifetime: 60_000, refreshLifetime: 3_600_000 });
  network.use(...server.handlers);
  return server;
}

beforeEach(async () => {
  container = document.body.appendChild(document.createElement('div'));
  root = createRoot(container);
  root.render(<RouterProvider router={router} />);
});
afterEach(async () => {
  await router.navigate('/login'); // the session's own redirect does not leave this page
  await session.signOut();
  root.unmount();
  container.remove();
});
afterAll(() => history.replaceState(null, '', place));

const path = () => location.pathname + location.search;
const button = (name: string) =>
  [...container.querySelectorAll('button')].find(({ textContent }) => textContent === name)!;

async function logIn(password: string) {
  for (const [name, value] of Object.entries({ username: 'kevin', password }))
    container.querySelector<HTMLInputElement>(`[name=${name}]`)!.value = value;
  button('Sign in').click();
}

describe('docs/react.md with React Router', () => {
  it('opens the login page before any loader runs if nobody is signed in, and then returns', async () => {
    const server = startServer();
    await router.navigate('/?page=2');
    expect(path()).toBe('/login?returnTo=%2F%3Fpage%3D2');
    expect(server.stats.requests).toBe(0);
    await expect.poll(() => button('Sign in')).toBeTruthy();
    await logIn('open-sesame');
    await expect.poll(() => container.textContent).toContain('订单数据');
    expect(path()).toBe('/?page=2');
    expect(server.stats).toMatchObject({ logins: 1, ordersOk: 1, ordersRefused: 0 });
  });

  it('shows a wrong password, and accepts the next one', async () => {
    startServer();
    await router.navigate('/');
    await expect.poll(() => button('Sign in')).toBeTruthy();
    await logIn('wrong');
    await expect.poll(() => container.textContent).toContain('Wrong user or password.');
    await logIn('open-sesame');
    await expect.poll(() => container.textContent).toContain('订单数据');
  });

  it('a loader with a refused token waits for one refresh', async () => {
    const server = startServer();
    await router.navigate('/');
    await expect.poll(() => button('Sign in')).toBeTruthy();
    await logIn('open-sesame');
    await expect.poll(() => server.stats.ordersOk).toBe(1);
    server.expireAccessTokens();
    await router.navigate('/?page=3');
    expect(path()).toBe('/?page=3');
    expect(server.stats).toMatchObject({ refreshes: 1, ordersOk: 2, ordersRefused: 1 });
  });

  it('the header shows who is signed in', async () => {
    startServer();
    await router.navigate('/');
    await expect.poll(() => button('Sign in')).toBeTruthy();
    await logIn('open-sesame');
    await expect.poll(() => container.querySelector('header')?.textContent).toBe('Signed in as 1 Sign out');
  });
});
