/** Returns the value of a cookie that scripts can read; `''` if there is no such cookie, or no `document`. */
export function readCookie(name: string): string {
  const pair = allCookies()
    .split(/;\s*/)
    .find((pair) => pair.startsWith(`${name}=`));
  return decoded(pair?.slice(name.length + 1) ?? '');
}

/** Other libraries may define a `document` without cookies outside a page. A sandboxed page may not read its cookies. */
function allCookies(): string {
  try {
    return String(globalThis.document.cookie);
  } catch {
    return '';
  }
}

/** Decodes a value, unless it is not percent-encoded, or a header could not contain the decoded value. */
function decoded(value: string): string {
  try {
    const text = decodeURIComponent(value);
    return /^[\t\x20-\x7e\x80-\xff]*$/.test(text) ? text : value;
  } catch {
    return value;
  }
}
