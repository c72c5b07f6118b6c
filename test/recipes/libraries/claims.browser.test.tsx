import { QueryClient, QueryObserver } from '@tanstack/query-core';
import ky from 'ky';
import { createRoot } from 'react-dom/client';
import useSWR, { SWRConfig } from 'swr';
import { describe, expect, onTestFinished } from 'vitest';
import fetchGuide from '../../../docs/fetch.md?raw';
import guide from '../../../docs/libraries.md?raw';
import { claimsOf } from '../../support/claims.js';
import { ECHO, type HandmadeApp } from '../../support/handmade.js';
import { mockNetwork } from '../../support/mock-network.js';
import { usersSeen, whileBobSignsIn } from '../../support/other-user.js';

mockNetwork();

/** docs/libraries.md says these sentences about libraries that behave differently on a server. */
const claim = claimsOf(guide);

function Echo({ fetcher, onEnd }: { fetcher(): Promise<unknown>; onEnd(): void }) {
  const { data } = useSWR('echo', fetcher, { errorRetryInterval: 1, revalidateOnFocus: false });
  if (data) onEnd();
  return null;
}

describe('TanStack Query', () => {
  /** The result of a query that retries errors at once. */
  async function resultOf(queryFn: () => Promise<unknown>): Promise<unknown> {
    const client = new QueryClient({ defaultOptions: { queries: { retryDelay: 1 } } });
    const observer = new QueryObserver(client, { queryKey: ['echo'], queryFn });
    const ended = new Promise<unknown>((resolve) => {
      observer.subscribe(({ isPending, data, error }) => isPending || resolve(data ?? error));
    });
    onTestFinished(() => observer.destroy());
    return ended;
  }

  claim(
    'By default, TanStack Query retries three times after any error, as the user who is signed in at that time.',
    async () => {
      const app = await whileBobSignsIn(({ call }) => resultOf(async () => (await call(ECHO)).json()));
      expect(usersSeen(app)).toEqual(['GET bob']);
      let tries = 0;
      await resultOf(() => Promise.reject(new Error(`try ${++tries}`)));
      expect(tries).toBe(1 + 3);
    },
  );
});

describe('SWR', () => {
  claim('By default, SWR retries after any error, as the user who is signed in at that time.', async () => {
    const root = createRoot(document.body.appendChild(document.createElement('div')));
    onTestFinished(() => root.unmount());
    const show = ({ call }: HandmadeApp) =>
      new Promise<void>((resolve) => {
        const fetcher = async () => (await call(ECHO)).json();
        root.render(
          <SWRConfig value={{ provider: () => new Map() }}>
            <Echo fetcher={fetcher} onEnd={resolve} />
          </SWRConfig>,
        );
      });
    expect(usersSeen(await whileBobSignsIn(show))).toEqual(['GET bob']);
  });
});

describe('ky', () => {
  claimsOf(fetchGuide)("export const api = ky.create({ prefix: '/', fetch: sessionFetch });", async () => {
    const urls: string[] = [];
    const record = async (input: RequestInfo | URL) => {
      urls.push((input as Request).url);
      return Response.json({});
    };
    await ky.create({ prefix: '/', fetch: record }).get('health').json();
    expect(urls).toEqual([`${location.origin}/health`]);
  });
});
