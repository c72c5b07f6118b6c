/** The value of a cookie that scripts can read; empty if there is none, or no `document`. */
export function readCookie(name: string): string {
  const pair = allCookies()
    .split(/;\s*/)
    .find((pair) => pair.startsWith(`${name}=`));
  return decoded(pair?.slice(name.length + 1) ?? '');
}

/** Other libraries may have put a `document` of their own where there is none. A sandboxed page may not read its cookies. */
function allCookies(): string {
  try {
    return String(globalThis.document.cookie);
  } catch {
    return '';
  }
}

/** A value that is not percent-encoded, or that no header could hold if it were decoded, stays as it is. */
function decoded(value: string): string {
  try {
    const text = decodeURIComponent(value);
    return /^[\t\x20-\x7e\x80-\xff]*$/.test(text) ? text : value;
  } catch {
    return value;
  }
}
