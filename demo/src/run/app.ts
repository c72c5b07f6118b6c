import type { AxiosInstance } from 'axios';
import type { Report } from 'unexpired/recorder';

/** The application of a column. The playground uses both columns in the same way. */
export interface App {
  readonly api: AxiosInstance;
  /** Signs in with a login request. */
  signIn(user: string): Promise<void>;
  /** The user who is signed in; `undefined`: nobody. */
  user(): string | undefined;
  /** How often it has opened the login page. */
  readonly loginPages: number;
  /** The same application in another tab. */
  readonly otherTab: { signIn(user: string): Promise<void>; signOut(): Promise<void>; api: AxiosInstance };
  /** The events of the session so far; `undefined`: nothing records them. */
  report(): Report | undefined;
  close(): Promise<void>;
}
