import type { ReauthenticateEvent } from 'unexpired';
import { ref } from 'vue';

/** Whether a dialog asks for the password where the session ends, or the login page opens. */
export const inPlace = ref(false);

/** The dialog is open. */
export const asking = ref(false);

let cancel: (() => void) | undefined;

/** Opens the dialog. It closes when somebody has signed in, which aborts `signal`, or when it is cancelled. */
export function signInAgain({ signal }: ReauthenticateEvent): Promise<void> {
  if (!inPlace.value) return Promise.reject(new Error('The login page will do'));
  asking.value = true;
  return new Promise<void>((_, reject) => {
    cancel = () => reject(new Error('Cancelled'));
    signal.addEventListener('abort', cancel);
  }).finally(() => {
    asking.value = false;
  });
}

export function cancelSignIn(): void {
  cancel?.();
}
