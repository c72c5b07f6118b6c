/**
 * The name of a value's platform class: `'FormData'`, `'Blob'`. Unlike `instanceof`, it also works if the class does
 * not exist, and for values of an iframe or of another implementation.
 */
export function classOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}
