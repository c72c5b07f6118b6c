export function assertMilliseconds(name: string, value: number): void {
  if (typeof value !== 'number' || !(value > 0)) {
    throw new RangeError(`"${name}" must be a positive number of milliseconds, got ${value}`);
  }
}

export function assertOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value))
    throw new TypeError(`"${name}" must be one of ${allowed.join(', ')}, got ${value}`);
}
