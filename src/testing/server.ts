import type { Answer } from './answers.js';
import { assertOneOf } from './assert.js';
import type { TestBackend, TestControls } from './controls.js';
import { CookieJar } from './cookie-jar.js';
import { answerOf, assertFault, createFaults, type Fault, type Faults, networkError } from './faults.js';
import { Grants } from './grants.js';
import { withHeaders } from './headers.js';
import { waitLatency } from './latency.js';
import {
  type AllOptions,
  ENDPOINTS,
  type Endpoint,
  type TestBackendOptions,
  type TestUser,
} from './options.js';
import { endpointsAt } from './paths.js';
import { protocolNamed } from './protocols/index.js';
import type { Protocol, Server } from './protocols/protocol.js';
import { createRecorder, type Recorder } from './recorder.js';
import { readTestOptions, type TestBackendSettings } from './settings.js';
import { createTraffic, type Traffic } from './traffic.js';

export interface TestServer {
  readonly settings: TestBackendSettings;
  readonly backend: TestBackend;
  /** Answers a request; `undefined` if no endpoint matches. For a network fault it rejects, like `fetch`. */
  answer(request: Request): Promise<Response | undefined>;
}

/** The parts of a running server. */
interface Parts {
  readonly protocol: Protocol;
  readonly settings: TestBackendSettings;
  readonly faults: Faults;
  readonly traffic: Traffic;
  readonly recorder: Recorder;
  /** `reset` replaces it. */
  server: Server;
}

/** @throws {TypeError | RangeError} if an option is invalid; the message names the option. */
export function createTestServer({ protocol: name, ...options }: TestBackendOptions): TestServer {
  const protocol = protocolNamed(name);
  const settings = readTestOptions(options, protocol.defaults);
  const parts: Parts = {
    protocol,
    settings,
    faults: createFaults(),
    traffic: createTraffic(),
    recorder: createRecorder(),
    server: createMemory(settings),
  };
  const answer = (request: Request) => answerBy(parts, request);
  const fetch = async (request: Request) =>
    (await answer(request)) ?? new Response('Not Found', { status: 404 });
  return { settings, answer, backend: { fetch, ...controlsOf(parts, options) } };
}

const PATHS_CANNOT_CHANGE =
  '"paths" cannot change while the backend runs: create another backend with createTestBackend()';

function controlsOf(parts: Parts, options: AllOptions): TestControls {
  const { protocol, settings, faults, traffic, recorder } = parts;
  let current = options;
  return {
    stats: recorder.stats,
    log: recorder.log,
    issueTokens: (username) =>
      protocol.issue(parts.server, parts.server.grants.signIn(userNamed(settings, username))),
    configure(changes) {
      if ('paths' in changes) throw new TypeError(PATHS_CANNOT_CHANGE);
      const next = { ...current, ...changes };
      Object.assign(settings, readTestOptions(next, protocol.defaults));
      current = next;
    },
    expireAccessTokens: () => parts.server.grants.expireAccessTokens(),
    revoke: (userId) => parts.server.grants.revoke(userId),
    fail(endpoint, fault) {
      assertFault(fault);
      faults.set(known(endpoint), fault);
    },
    failNext(endpoint, fault, times = 1) {
      assertFault(fault);
      faults.next(known(endpoint), fault, times);
    },
    hold: (endpoint) => traffic.hold(known(endpoint)),
    called: (endpoint, count = 1) => traffic.called(known(endpoint), count),
    reset() {
      parts.server = createMemory(settings);
      faults.clear();
      traffic.clear();
      recorder.clear();
    },
  };
}

function known(endpoint: Endpoint): Endpoint {
  assertOneOf('endpoint', endpoint, ENDPOINTS);
  return endpoint;
}

function createMemory(settings: TestBackendSettings): Server {
  return { settings, grants: new Grants(settings), jar: new CookieJar(settings) };
}

function userNamed({ users }: TestBackendSettings, username = users[0]?.username): TestUser {
  const user = users.find((known) => known.username === username);
  if (user) return user;
  const names = users.map((other) => other.username).join(', ');
  throw new TypeError(`"username" must be one of this backend's users (${names}), got ${username}`);
}

async function answerBy(parts: Parts, request: Request): Promise<Response | undefined> {
  const { settings, faults, recorder } = parts;
  const endpoint = await endpointOf(parts, request);
  if (!endpoint) return undefined;
  if (settings.cors && request.method === 'OPTIONS')
    return withHeaders(new Response(null, { status: 204 }), request, settings);
  const fault = faults.take(endpoint);
  if (fault === 'network') throw networkError();
  recorder.begin(endpoint);
  try {
    return await serve(parts, { endpoint, request, fault });
  } finally {
    recorder.end(endpoint);
  }
}

async function endpointOf({ protocol, settings }: Parts, request: Request): Promise<Endpoint | undefined> {
  const [endpoint, other] = endpointsAt(new URL(request.url).pathname, settings.paths);
  if (endpoint !== 'login' || other !== 'refresh' || !protocol.isLogin) return endpoint;
  return (await protocol.isLogin(request)) ? 'login' : 'refresh';
}

interface Call {
  endpoint: Endpoint;
  request: Request;
  fault: Fault | null;
}

async function serve(parts: Parts, call: Call): Promise<Response | undefined> {
  const { settings, traffic, recorder, server } = parts;
  const { endpoint, request, fault } = call;
  await waitLatency(settings, endpoint, request.signal);
  if (fault === 'timeout') traffic.processed(endpoint); // decide() never returns for this fault
  const decided = await decide(parts, call);
  const { pathname: path } = new URL(request.url);
  const entry = { time: settings.now(), endpoint, method: request.method, path };
  recorder.record(entry, decided, server.grants.reuses);
  traffic.processed(endpoint);
  await traffic.waitForRelease(endpoint, request.signal);
  if (fault === 'lost-answer') throw networkError();
  return decided.response && withHeaders(decided.response, request, settings);
}

async function decide({ protocol, server }: Parts, { endpoint, request, fault }: Call): Promise<Answer> {
  if (!fault || fault === 'lost-answer') return protocol.answer(server, endpoint, request);
  if (fault === 'refuse') return protocol.refuse(endpoint);
  return { accepted: false, response: await answerOf(fault, request.signal) };
}
