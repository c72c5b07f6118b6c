/** An answer before it goes out: what counters need to know of it, and what goes out. */
export interface Answer {
  accepted: boolean;
  /** `undefined`: authorized, and somebody else's to answer. */
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
