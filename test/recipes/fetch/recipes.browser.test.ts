import { HttpResponse, http, ws } from 'msw';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { network } from '#network';
import { createTestBackend } from '../../../src/testing/index.js';
import { outcome } from '../../support/app.js';
import { fakeClock } from '../../support/clock.js';
import { mockNetwork } from '../../support/mock-network.js';
import { download } from './download.js';
import { listen } from './events.js';
import { openLive } from './live.js';
import { session } from './session.js';
import { sessionFetch } from './session-fetch.js';

mockNetwork();

afterEach(() => session.signOut());

/** The application of the guide with a signed-in user. The server refuses the token after this call. */
async function refused() {
  const server = createTestBackend({ accessLifetime: 60_000, refreshLifetime: 3_600_000 });
  network.use(...server.handlers);
  const body = JSON.stringify({ username: 'kevin', password: 'open-sesame' });
  await session.signIn(await (await sessionFetch('/login/', { method: 'POST', body })).json());
  server.expireAccessTokens();
  return server;
}

/** The same server, with a response for requests with another token. */
async function guard(path: string, answer: () => Response) {
  const server = await refused();
  const spent = await session.getAccessToken();
  const handler = http.get(path, ({ request }) =>
    request.headers.get('authorization') === spent ? new HttpResponse(null, { status: 401 }) : answer(),
  );
  network.use(handler);
  return server;
}

describe('docs/fetch.md', () => {
  it('events: a stream is read line by line after a refusal of its first request', async () => {
    const parts = ['data: on', 'e\n\nevent: x\nda', 'ta: two\n', '\n'];
    const server = await guard('/events/', () => {
      const stream = new ReadableStream<string>({
        async start(controller) {
          for (const part of parts) controller.enqueue(part);
          controller.close();
        },
      });
      const headers = { 'Content-Type': 'text/event-stream' };
      return new HttpResponse(stream.pipeThrough(new TextEncoderStream()), { headers });
    });
    const events: string[] = [];
    await listen((data) => events.push(data), new AbortController().signal);
    expect(events).toEqual(['one', 'two']);
    expect(server.stats.refreshes).toBe(1);
  });

  it('events: a signal ends the stream', async () => {
    await guard('/events/', () => {
      return new HttpResponse(new ReadableStream(), { headers: { 'Content-Type': 'text/event-stream' } });
    });
    const controller = new AbortController();
    const listening = outcome(listen(() => {}, controller.signal));
    setTimeout(() => controller.abort(), 50);
    expect(await listening).toMatchObject({ name: 'AbortError' });
  });

  it('download: a file is saved under its name with its progress after a refusal of the first request', async () => {
    await guard('/report.pdf', () => new HttpResponse('%PDF-1.7', { headers: { 'Content-Length': '8' } }));
    const saved: [string, Promise<string>][] = [];
    const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
      this: HTMLAnchorElement,
    ) {
      saved.push([this.download, fetch(this.href).then((answer) => answer.text())]);
    });
    const progress: number[][] = [];
    await download('/report.pdf', 'report.pdf', (...step) => progress.push(step));
    click.mockRestore();
    expect(saved.map(([name]) => name)).toEqual(['report.pdf']);
    expect(await saved[0]![1]).toBe('%PDF-1.7');
    expect(progress.at(-1)).toEqual([8, 8]);
  });

  it('WebSocket: each connection begins with a valid token, and none opens after a sign-out', async () => {
    const clock = fakeClock({ timers: true });
    const server = await refused();
    const live = ws.link(`${location.origin.replace('http', 'ws')}/live`);
    const tokens: string[] = [];
    let hangUp!: () => void;
    network.use(
      live.addEventListener('connection', ({ client }) => {
        hangUp = () => client.close();
        client.addEventListener('message', ({ data }) => {
          tokens.push(JSON.parse(data as string).token);
          client.send('welcome');
        });
      }),
    );
    const messages: string[] = [];
    const end = openLive((data) => messages.push(data));
    await expect.poll(() => messages).toEqual(['welcome']);
    await clock.tick(60_000); // the token expires
    hangUp();
    await expect.poll(() => clock.tick(200).then(() => messages.length)).toBe(2);
    expect(tokens[1]).not.toBe(tokens[0]);
    expect(server.stats.refreshes).toBe(1);
    await session.signOut();
    hangUp();
    await clock.tick(5_000);
    expect(tokens.length).toBe(2);
    end();
  });
});
