import type { Grants, IssuedTokens } from './grants.js';
import type { Refusal } from './jwt.js';
import type { Endpoint, TestBackendSettings } from './options.js';
import { printTime } from './print-time.js';

/** An answer before it becomes a `Response`: what counters need to know of it, beside what goes out. */
export interface Answer {
  accepted: boolean;
  response: Response;
}

const REFUSED = {
  expired: { code: '1003', msg: 'token已失效(已过期)' },
  invalid: { code: '1004', msg: 'token认证失败' },
  illegal: { code: '1005', msg: '非法的token' },
};

const WRONG_PASSWORD = { code: 1000, error: '用户名或密码错误' };

const ALLOW: Record<Endpoint, string> = {
  login: 'POST, OPTIONS',
  refresh: 'POST, OPTIONS',
  order: 'GET, HEAD, OPTIONS',
};

/** The tutorial's protocol over HTTP, as Django REST framework answers it. */
export class EnvelopeProtocol {
  readonly #settings: TestBackendSettings;
  readonly #grants: Grants;

  constructor(settings: TestBackendSettings, grants: Grants) {
    this.#settings = settings;
    this.#grants = grants;
  }

  /** What a path stands for; `undefined` if it is not this server's. */
  endpointOf({ pathname }: URL): Endpoint | undefined {
    const path = pathname.replace(/\/?$/, '/');
    const entries = Object.entries(this.#settings.paths) as [Endpoint, string][];
    return entries.find(([, known]) => path.endsWith(known.replace(/\/?$/, '/')))?.[0];
  }

  async answer(endpoint: Endpoint, request: Request): Promise<Answer> {
    const misdirected = this.#misdirected(endpoint, request);
    if (misdirected) return { accepted: false, response: misdirected };
    if (endpoint === 'login') return this.#logIn(await request.text());
    if (endpoint === 'refresh') return this.#refresh(request);
    return this.#order(request);
  }

  /** Refuses, whatever the request carries. */
  refuse(endpoint: Endpoint): Answer {
    if (endpoint === 'order') return refused(json(REFUSED.invalid, 403, ALLOW.order));
    if (endpoint === 'login') return refused(json(WRONG_PASSWORD, 200, ALLOW.login));
    return refused(json({ code: 1008, error: REFUSED.invalid.msg }, 200, ALLOW.refresh));
  }

  #logIn(body: string): Answer {
    const credentials = parseJson(body);
    if (credentials === undefined) {
      const detail =
        'JSON parse error - Expecting property name enclosed in double quotes: line 1 column 2 (char 1)';
      return refused(json({ detail }, 400, ALLOW.login));
    }
    const { username, password } = credentials as Record<string, unknown>;
    const tokens = this.#grants.logIn(username, password);
    if (!tokens) return refused(json(WRONG_PASSWORD, 200, ALLOW.login));
    return accepted(this.#tokens(1001, tokens));
  }

  #refresh(request: Request): Answer {
    const token = request.headers.get(this.#settings.refreshHeader);
    const outcome = token ? this.#grants.refresh(token) : 'invalid';
    if (typeof outcome !== 'string') return accepted(this.#tokens(1007, outcome));
    return refused(json({ code: 1008, error: REFUSED[outcome].msg }, 200, ALLOW.refresh));
  }

  async #order(request: Request): Promise<Answer> {
    const token = this.#accessTokenOf(request);
    const outcome = token ? this.#grants.authenticate(token) : 'invalid';
    const refusal = REFUSED[outcome as Refusal];
    if (refusal) return refused(json(refusal, 403, ALLOW.order));
    const body = this.#settings.orders
      ? await this.#settings.orders(request, outcome)
      : { code: 1006, data: '订单数据' };
    return accepted(body instanceof Response ? body : json(body, 200, ALLOW.order));
  }

  #accessTokenOf(request: Request): string | null | undefined {
    const { tokenFrom } = this.#settings;
    const header = tokenFrom === 'query' ? null : request.headers.get('authorization');
    const query = tokenFrom === 'header' ? null : new URL(request.url).searchParams.get('token');
    return header?.replace(/^Bearer /i, '') ?? query;
  }

  #tokens(code: number, { accessToken, refreshToken, expiresAt }: IssuedTokens): Response {
    const { tokenTime, expiresIn, timeZone, accessLifetime } = this.#settings;
    const data = {
      token: accessToken,
      ...(refreshToken && { refresh_token: refreshToken }),
      ...(tokenTime && { token_time: printTime(expiresAt, timeZone) }),
      ...(expiresIn && { expires_in: accessLifetime / 1000 }),
    };
    return json({ code, data }, 200, ALLOW.login);
  }

  /** What the framework answers before the view is asked. */
  #misdirected(endpoint: Endpoint, request: Request): Response | undefined {
    const { pathname, search } = new URL(request.url);
    const slashless = this.#settings.paths[endpoint].endsWith('/') && !pathname.endsWith('/');
    if (slashless && request.method === 'POST') return html('<h1>Server Error (500)</h1>', 500);
    if (slashless)
      return new Response(null, {
        status: 301,
        headers: { 'Content-Type': HTML, Location: `${pathname}/${search}` },
      });
    const allowed = endpoint === 'order' && this.#settings.orders ? request.method : ALLOW[endpoint];
    if (allowed.includes(request.method)) return undefined;
    return json({ detail: `Method "${request.method}" not allowed.` }, 405, ALLOW[endpoint]);
  }
}

const HTML = 'text/html; charset=utf-8';

export function html(text: string, status: number): Response {
  return new Response(`<!doctype html>${text}`, { status, headers: { 'Content-Type': HTML } });
}

function json(body: unknown, status: number, allow: string): Response {
  const vary = allow === ALLOW.order ? 'Accept' : 'Accept, Cookie';
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json', Vary: vary, Allow: allow },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return undefined;
  }
}

function accepted(response: Response): Answer {
  return { accepted: true, response };
}

function refused(response: Response): Answer {
  return { accepted: false, response };
}
