/** Templates that do not end the session with the browser have nothing to note. */
export function noteSignIn(_days?: number): void {}
