import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTokens } from './tokens.js';

/** The number of connections that may wait to be accepted, because clients without a socket limit open thousands at once. */
const BACKLOG = 16_384;

const settings = { lifetime: 60_000, latency: 0, refreshLatency: 0 };
let tokens;
let stats;
let release;
let held = Promise.resolve();

const commands = {
  reset(changes) {
    Object.assign(settings, { lifetime: 60_000, latency: 0, refreshLatency: 0 }, changes);
    tokens = createTokens(settings);
    stats = { calls: 0, orders: 0, refused: 0, refreshes: 0, reuses: 0 };
  },
  signIn: (lifetime) => tokens.begin(lifetime),
  /** Rejects all access tokens issued so far, even if they have not expired. */
  distrust: () => tokens.distrust(),
  hold() {
    held = new Promise((resolve) => {
      release = resolve;
    });
  },
  release: () => release(),
  stats: () => stats,
};

const endpoints = {
  async '/order/'({ authorization }) {
    if (settings.latency) await sleep(settings.latency);
    const accepted = tokens.accepts(authorization?.replace(/^Bearer /, ''));
    stats[accepted ? 'orders' : 'refused']++;
    return accepted ? [200, { orders: [] }] : [401, { detail: 'The access token has expired' }];
  },
  async '/update_token/'(headers) {
    stats.refreshes++;
    await held;
    if (settings.refreshLatency) await sleep(settings.refreshLatency);
    const fresh = tokens.rotate(headers['x-refresh-token']);
    if (!fresh) stats.reuses++;
    return fresh ? [200, fresh] : [401, { detail: 'The refresh token was used before' }];
  },
};

async function answer({ url, headers }, pages) {
  const { pathname } = new URL(url, 'http://localhost');
  const page = pages[pathname]?.();
  if (page) return [200, ...page];
  const endpoint = endpoints[pathname];
  if (!endpoint) return [404, 'text/plain', ''];
  stats.calls++;
  const [status, body] = await endpoint(headers);
  return [status, 'application/json', JSON.stringify(body)];
}

/**
 * A backend with strict rotation and reuse detection. `/order/` requires a valid access token, `/update_token/` a refresh token. It counts
 * requests and is controlled by commands. `pages` maps more paths to functions that return `[type, text]`.
 */
export function listen(pages = {}) {
  commands.reset({});
  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    request.resume();
    const [status, type, text] = await answer(request, pages);
    response.writeHead(status, { 'Content-Type': type }).end(text);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', BACKLOG, () =>
      resolve({
        baseURL: `http://127.0.0.1:${server.address().port}`,
        commands,
        close: () => server.close(),
      }),
    );
  });
}
