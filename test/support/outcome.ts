/** The origin of the API. */
export const ORIGIN = 'https://api.test';

/** The result or the error of a promise, as a value. */
export async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => value,
    (error) => error,
  );
}
