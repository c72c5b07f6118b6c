import { pageBase, readUrl } from '../page-address.js';

/** Whether two addresses are the same, apart from a fragment. Each one is absolute or relative to the page. */
export function isSameAddress(one: string, other: string): boolean {
  return absolute(one) === absolute(other);
}

function absolute(address: string): string {
  return (readUrl(address, pageBase())?.href ?? address).replace(/#.*/s, '');
}
