/** The values that a header can contain. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Returns the decoded value of a cookie that scripts can read; `''` if there is no such cookie, or no `document`. A value is
 * not decoded if it is not percent-encoded, or if the result is not `allowed`.
 */
export function readCookie(name: string, allowed: RegExp = HEADER_VALUE): string {
  const pair = allCookies()
    .split(/;\s*/)
    .find((pair) => pair.startsWith(`${name}=`));
  return decoded(pair?.slice(name.length + 1) ?? '', allowed);
}

/** Other libraries may define a `document` without cookies outside a page. A sandboxed page may not read its cookies. */
function allCookies(): string {
  try {
    return String(globalThis.document.cookie);
  } catch {
    return '';
  }
}

function decoded(value: string, allowed: RegExp): string {
  try {
    const text = decodeURIComponent(value);
    return allowed.test(text) ? text : value;
  } catch {
    return value;
  }
}
