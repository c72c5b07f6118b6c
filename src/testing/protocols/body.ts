/** Reads a form body; `undefined` if the body is not a form. */
export async function readForm(request: Request): Promise<URLSearchParams | undefined> {
  return isForm(request) ? new URLSearchParams(await request.text()) : undefined;
}

/** Reads a JSON or form body; `undefined` if the body is neither. */
export async function readBody(request: Request): Promise<Record<string, unknown> | undefined> {
  const text = await request.text();
  if (isForm(request)) return Object.fromEntries(new URLSearchParams(text));
  return parseJson(text) as Record<string, unknown> | undefined;
}

function isForm(request: Request): boolean {
  return !!request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return undefined;
  }
}
