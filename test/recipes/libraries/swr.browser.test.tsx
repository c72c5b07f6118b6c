import { useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import useSWR, { SWRConfig } from 'swr';
import { expect, it, onTestFinished } from 'vitest';
import { mockNetwork } from '../../support/mock-network.js';
import { createRecipeApi } from '../../support/recipe-api.js';
import { session } from './session.js';
import { swr } from './swr.js';

mockNetwork();

function Orders({ tell }: { tell(shown: string): void }) {
  const { data, error } = useSWR<string[]>('/orders/');
  useEffect(() => tell(error ? String(error.code ?? error.message) : String(data)));
  return null;
}

/** Renders the orders, or the error. Returns a function that reads the rendered text. */
function show(config: object = {}): () => string {
  const root = createRoot(document.body.appendChild(document.createElement('div')));
  onTestFinished(() => root.unmount());
  let shown = '';
  const tell = (text: string) => {
    shown = text;
  };
  root.render(
    <SWRConfig value={{ ...swr, ...config }}>
      <Orders tell={tell} />
    </SWRConfig>,
  );
  return () => shown;
}

it('SWR waits for a refresh, and shows nothing of alice to bob', async () => {
  const server = createRecipeApi(session);
  await server.signIn('alice', { stale: true });
  server.release();
  const shown = show();
  await expect.poll(shown).toBe('alice');
  await server.signIn('bob');
  await expect.poll(show()).toBe('bob');
});

it('SWR does not send alice’s request as bob', async () => {
  const server = createRecipeApi(session);
  await server.signIn('alice', { stale: true });
  const shown = show({ errorRetryInterval: 1, revalidateOnFocus: false });
  await server.refreshing();
  await server.signIn('bob');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(server.seen.filter((call) => call !== 'GET bob')).toEqual([]);
  expect(['session_changed', 'bob', 'undefined']).toContain(shown());
});

it('SWR repeats a request after another failure', async () => {
  const server = createRecipeApi(session);
  await server.signIn('alice');
  server.failNext(503);
  await expect.poll(show({ errorRetryInterval: 1, dedupingInterval: 0 })).toBe('alice');
  expect(server.seen.length).toBe(2);
});
