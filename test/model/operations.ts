import type { User } from './server.ts';

/** What a user or a program requested from a session. */
export interface Operation {
  readonly name: 'signIn' | 'signOut' | 'request' | 'refresh';
  /** The user who signs in, or who was signed in at the start. */
  readonly user?: User | undefined;
  readonly tab: number;
  readonly begun: number;
  outcome: unknown;
}

/** The last sign-in or sign-out, if it is clear which one was last. */
export interface LastWord {
  operation: Operation;
  /** No other sign-in or sign-out ran at the same time. */
  clear: boolean;
}

export function isSigning({ name }: Operation): boolean {
  return name === 'signIn' || name === 'signOut';
}
