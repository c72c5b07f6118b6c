import fc from 'fast-check';
import { type Fault, type RevokeFault, type Rotation, USERS, type User } from './server.ts';

/** The possible actions. `tab` is taken modulo the number of open tabs. */
export type Move =
  | { move: 'signIn'; tab: number; user: User }
  | { move: 'signOut' | 'request' | 'refresh' | 'kill' | 'clear'; tab: number }
  | { move: 'fail'; fault: Fault }
  | { move: 'failRevoke'; fault: RevokeFault }
  | { move: 'wait'; ms: number }
  /** Runs one of the steps that can be next. */
  | { move: 'step'; choice: number }
  /** `drain`: runs all pending steps, and the steps that follow from them. */
  | { move: 'open' | 'expire' | 'revoke' | 'drain' };

export interface Program {
  locks: boolean;
  rotation: Rotation;
  opaque: boolean;
  /**
   * How ann was signed in: in the first tab, or before this SDK. Then `existing` returns the tokens, or the store
   * holds them.
   */
  start: 'sign-in' | 'existing' | 'old store';
  /** The number of open tabs at the start, all signed in as ann. */
  tabs: number;
  moves: Move[];
  /** The steps to choose first when the tokens of all tabs have expired at the end. */
  probe?: number[];
}

/** For a server that keeps both tokens in cookies. */
export interface CookieProgram extends Program {
  /** The source of the user for the pages. */
  user: 'field' | 'cookie' | 'url';
  /** Whether the responses contain the lifetime of the access token. */
  tells: boolean;
  csrf: boolean;
  /** Whether the application awaits `signOut()` before it sends a login. */
  tidy: boolean;
}

const tab = fc.nat(3);
const on = (move: 'signOut' | 'request' | 'refresh' | 'kill' | 'clear') =>
  fc.record({ move: fc.constant(move), tab });
const plain = (move: 'open' | 'expire' | 'revoke' | 'drain') => fc.constant({ move });
const fail = (...faults: Fault[]) =>
  fc.record({ move: fc.constant('fail' as const), fault: fc.constantFrom(...faults) });

const harmless: fc.WeightedArbitrary<Move>[] = [
  { weight: 24, arbitrary: fc.record({ move: fc.constant('step'), choice: fc.nat(11) }) },
  { weight: 6, arbitrary: on('request') },
  { weight: 3, arbitrary: on('refresh') },
  { weight: 3, arbitrary: plain('expire') },
  {
    weight: 3,
    arbitrary: fc.record({ move: fc.constant('wait'), ms: fc.constantFrom(1, 100, 1_000, 9_000, 61_000) }),
  },
  { weight: 2, arbitrary: plain('drain') },
  {
    weight: 2,
    arbitrary: fc.record({ move: fc.constant('signIn'), tab, user: fc.constantFrom(...USERS) }),
  },
  { weight: 2, arbitrary: on('signOut') },
  { weight: 1, arbitrary: plain('open') },
  { weight: 1, arbitrary: fail('unsent', '503') },
  {
    weight: 1,
    arbitrary: fc.record({
      move: fc.constant('failRevoke'),
      fault: fc.constantFrom<RevokeFault>('unsent', 'lost', 'hang'),
    }),
  },
];

/** Moves after which losing a session is not a bug. */
const harmful: fc.WeightedArbitrary<Move>[] = [
  { weight: 3, arbitrary: fail('lost', 'hang', 'refuse') },
  { weight: 2, arbitrary: on('kill') },
  { weight: 1, arbitrary: on('clear') },
  { weight: 1, arbitrary: plain('revoke') },
];

const moves = (choices: fc.WeightedArbitrary<Move>[]) =>
  fc.array(fc.oneof(...choices), { maxLength: 80, size: 'max' });

const program = {
  locks: fc.boolean(),
  rotation: fc.constantFrom<Rotation>('strict', 'strict', 'grace', 'none'),
  opaque: fc.boolean(),
  start: fc.constantFrom<Program['start']>('sign-in', 'sign-in', 'existing', 'old store'),
  tabs: fc.integer({ min: 1, max: 4 }),
  moves: fc.oneof(moves(harmless), moves([...harmless, ...harmful])),
  probe: fc.array(fc.nat(11), { maxLength: 40, size: 'max' }),
};

export const programs: fc.Arbitrary<Program> = fc.record(program);

export const cookiePrograms: fc.Arbitrary<CookieProgram> = fc.record({
  ...program,
  user: fc.constantFrom('field', 'field', 'cookie', 'url'),
  tells: fc.boolean(),
  csrf: fc.boolean(),
  tidy: fc.boolean(),
});
