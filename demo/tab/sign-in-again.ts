import type { ReauthenticateEvent } from 'unexpired';
import { ref } from 'vue';

/** Whether a dialog asks for the password when the session ends. If not, the login form replaces the page. */
export const inPlace = ref(false);

/** Whether the dialog is open. */
export const dialogOpen = ref(false);

let cancel: (() => void) | undefined;

/** Opens the dialog. It closes when the user has signed in, which aborts `signal`, or when the user cancels. */
export function signInAgain({ signal }: ReauthenticateEvent): Promise<void> {
  if (!inPlace.value) return Promise.reject(new Error('The login form opens instead of the dialog'));
  dialogOpen.value = true;
  return new Promise<void>((_, reject) => {
    cancel = () => reject(new Error('Cancelled'));
    signal.addEventListener('abort', cancel);
  }).finally(() => {
    dialogOpen.value = false;
  });
}

export function cancelSignIn(): void {
  cancel?.();
}
