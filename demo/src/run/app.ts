import type { AxiosInstance } from 'axios';
import type { Report } from 'unexpired/recorder';

/** An application in a column: what the playground does with it, the same in both. */
export interface App {
  readonly api: AxiosInstance;
  /** Signs in with a login request. */
  signIn(user: string): Promise<void>;
  /** Who is signed in; `undefined`: nobody. */
  user(): string | undefined;
  /** How often it has opened the login page. */
  readonly loginPages: number;
  /** What another tab of this application does. */
  readonly otherTab: { signIn(user: string): Promise<void>; signOut(): Promise<void>; api: AxiosInstance };
  /** What happened to the session until now; `undefined`: nothing records it. */
  report(): Report | undefined;
  close(): Promise<void>;
}
