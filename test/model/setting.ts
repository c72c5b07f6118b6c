import type { Guarantees } from './laws.ts';
import type { Program } from './moves.ts';
import type { Fault, RevokeFault } from './server.ts';
import type { Tab } from './tab.ts';
import type { World } from './world.ts';

/** The environment of a program: the browser or fleet, and the server. */
export interface Setting {
  readonly guarantees: Guarantees;
  readonly server: ServerControls;
  /** Replaces this process's globals. Returns a function that restores them. */
  install(): () => void;
  /** Ann is signed in before the first page with this SDK opens. */
  prepare(start: Program['start']): void;
  /** Opens a tab or starts a process. */
  open(tab: number): Tab;
  /** Closes a tab or process with everything it has, without any message. */
  close(tab: number): void;
  /** Empties what is stored, without the session. */
  clear(tab: number): void;
  readonly whenCleared: 'cleared' | 'forgotten';
  /** The number of turns that a tab has or waits for. */
  turnsOf(tab: number): number;
}

/** What a test can do to the server. */
export interface ServerControls {
  /** All refresh calls. */
  readonly calls: readonly unknown[];
  expireAccessTokens(): void;
  /** Ends all sessions. */
  revoke(): void;
  failNext(fault: Fault): void;
  failNextRevoke(fault: RevokeFault): void;
  /** Forgets the faults that have not happened yet. */
  forgive(): void;
  /** Called when a tab is gone. */
  abandon(tab: number): void;
}

export type MakeSetting = (world: World, program: Program) => Setting;
