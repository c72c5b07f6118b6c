import type { Endpoint, Fault, TestBackendStats } from 'unexpired/testing/backend';

/** Each backend has its own users, tokens and counters. The first two are those of the columns. */
export const NAMES = ['copied', 'unexpired', 'tabs'] as const;
export type BackendName = (typeof NAMES)[number];

/** The counters of a backend. */
export interface Counts extends TestBackendStats {
  /** Orders that were sent for one user with the token of another. */
  readonly mistaken: number;
}

/** The settings that can change while a backend runs. */
export interface Rules {
  /** ms */
  accessLifetime?: number;
  rotation?: 'strict' | 'grace';
  /** The time zone of `token_time`. @default the browser's */
  timeZone?: string;
  /** How far the server's clock is ahead of the computer's, in ms. */
  clock?: number;
}

/** The actions of the page on a backend. */
export interface Controls {
  /** Changes nothing. Used to get the counters. */
  count(): void;
  /** Removes all sessions, counters and faults, and restores the first rules. */
  reset(): void;
  set(rules: Rules): void;
  expireAccessTokens(): void;
  /** Ends all sessions, as a sign-out on another device does. */
  revoke(): void;
  fail(endpoint: Endpoint, fault: Fault | null): void;
  failNext(endpoint: Endpoint, fault: Fault): void;
  /** Holds back the responses of an endpoint, until `release`. */
  hold(endpoint: Endpoint): void;
  release(): void;
  /** Resolves when the backend has processed `count` requests to an endpoint. */
  called(endpoint: Endpoint, count: number): Promise<void>;
}

/** A control with its arguments. */
export type Command = { [Name in keyof Controls]: [Name, ...Parameters<Controls[Name]>] }[keyof Controls];

export interface PlainRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: [string, string][];
  readonly body: string | undefined;
}

export interface PlainResponse {
  readonly status: number;
  readonly headers: [string, string][];
  readonly body: string;
}

export type ToBackend =
  | {
      readonly type: 'request';
      readonly id: number;
      readonly to: BackendName;
      readonly request: PlainRequest;
    }
  | { readonly type: 'abort'; readonly id: number }
  | { readonly type: 'command'; readonly id: number; readonly to: BackendName; readonly command: Command }
  /** Subscribes this page to each change of the counters. */
  | { readonly type: 'watch' };

export type FromBackend =
  /** Without a response: a network error. */
  | { readonly type: 'response'; readonly id: number; readonly response?: PlainResponse }
  | { readonly type: 'done'; readonly id: number; readonly counts: Counts }
  | { readonly type: 'counts'; readonly from: BackendName; readonly counts: Counts };
