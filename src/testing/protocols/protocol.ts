import { type Answer, accepted } from '../answers.js';
import type { CookieJar } from '../cookie-jar.js';
import type { Grants, IssuedTokens } from '../grants.js';
import type { Endpoint, TestUser } from '../options.js';
import type { ProtocolDefaults, TestBackendSettings } from '../settings.js';

/** The server behind a protocol. */
export interface Server {
  readonly settings: TestBackendSettings;
  readonly grants: Grants;
  readonly jar: CookieJar;
}

/** How one kind of backend uses HTTP. It has no state of its own; the server has. */
export interface Protocol {
  readonly defaults: ProtocolDefaults;
  /** Answers a request like the real server. */
  answer(server: Server, endpoint: Endpoint, request: Request): Answer | Promise<Answer>;
  /** Rejects any request, even if it is valid. */
  refuse(endpoint: Endpoint): Answer;
  /** Returns the response body of a login, and stores its cookies in the jar. */
  issue(server: Server, tokens: IssuedTokens): Record<string, unknown>;
  /** Whether a request is a login, if login and refresh have the same path. */
  isLogin?(request: Request): Promise<boolean>;
}

/** Answers an authorized API request with the result of the option `orders`, or with the recorded response. */
export async function answerOrder(
  { settings }: Server,
  { request, userId, recorded }: { request: Request; userId: TestUser['id']; recorded: unknown },
  reply: (body: unknown) => Response,
): Promise<Answer> {
  const body = settings.orders ? await settings.orders(request, userId) : recorded;
  return accepted(body instanceof Response || body === undefined ? body : reply(body));
}
