/** Does nothing, because most templates do not end the session with the browser. */
export function noteSignIn(_days?: number): void {}
