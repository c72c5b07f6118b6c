/** The server's decision on a request: whether it is accepted, for the counters, and the response. */
export interface Answer {
  accepted: boolean;
  /** `undefined`: the request is authorized, and another msw handler answers it. */
  response: Response | undefined;
}

export function accepted(response: Response | undefined): Answer {
  return { accepted: true, response };
}

export function refused(response: Response): Answer {
  return { accepted: false, response };
}

export function json(body: unknown, status: number, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
  });
}

export const HTML = 'text/html; charset=utf-8';

export function html(text: string, status: number): Response {
  return new Response(`<!doctype html>${text}`, { status, headers: { 'Content-Type': HTML } });
}
