import { type Answer, accepted } from '../answers.js';
import type { CookieJar } from '../cookie-jar.js';
import type { Grants, IssuedTokens } from '../grants.js';
import type { Endpoint, ProtocolDefaults, TestBackendSettings, TestUser } from '../options.js';

/** What a protocol speaks for. */
export interface Server {
  readonly settings: TestBackendSettings;
  readonly grants: Grants;
  readonly jar: CookieJar;
}

/** How one kind of backend speaks over HTTP. Keeps nothing: the server does. */
export interface Protocol {
  readonly defaults: ProtocolDefaults;
  /** Answers as the server would. */
  answer(server: Server, endpoint: Endpoint, request: Request): Answer | Promise<Answer>;
  /** Refuses, whatever the request carries. */
  refuse(endpoint: Endpoint): Answer;
  /** What a login answers; a cookie that goes with it is laid into the jar. */
  issue(server: Server, tokens: IssuedTokens): Record<string, unknown>;
  /** Whether a call is a login, where login and refresh have one path. */
  isLogin?(request: Request): Promise<boolean>;
}

/** What an authorized order is answered: as the application says, else as was recorded. */
export async function answerOrder(
  { settings }: Server,
  { request, userId, recorded }: { request: Request; userId: TestUser['id']; recorded: unknown },
  reply: (body: unknown) => Response,
): Promise<Answer> {
  const body = settings.orders ? await settings.orders(request, userId) : recorded;
  return accepted(body instanceof Response || body === undefined ? body : reply(body));
}
