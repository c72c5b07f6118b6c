/**
 * A room is a playground with its backend, its tabs and its storage keys. Each open playground takes the first free room,
 * so that two playgrounds do not disturb each other, and the storage does not fill up.
 */
export async function takeRoom(): Promise<string> {
  if (!navigator.locks) return crypto.getRandomValues(new Uint32Array(1)).join('');
  let number = 1;
  while (!(await isFree(number))) number++;
  return String(number);
}

/** Takes the lock until the page closes. */
function isFree(number: number): Promise<boolean> {
  return new Promise((resolve) => {
    void navigator.locks.request(`unexpired-demo-${number}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock && new Promise(() => {});
    });
  });
}
