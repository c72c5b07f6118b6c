/**
 * Checks that nothing is left of an options object once all known options were taken out.
 * @throws {TypeError} naming the unknown option, which is probably misspelt.
 */
export function assertKnown(rest: object): void {
  const unknown = Object.entries(rest).find(([, value]) => value !== undefined);
  if (unknown) throw new TypeError(`There is no option "${unknown[0]}": check its spelling`);
}
