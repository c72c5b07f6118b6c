import type { Program } from './moves.ts';

/** Programs that found a fault once. They run first. */
export const KNOWN: [Program][] = [
  // A tab is killed between its two writes: the store says that bob signed in, the ledger still says ann.
  [
    {
      ...{ locks: false, rotation: 'strict', opaque: true, start: 'sign-in', tabs: 2 },
      moves: [
        { move: 'expire' },
        { move: 'signIn', tab: 3, user: 'bob' },
        { move: 'kill', tab: 1 },
        { move: 'step', choice: 0 },
        { move: 'open' },
        { move: 'request', tab: 0 },
        { move: 'refresh', tab: 1 },
      ],
    },
  ],
  // A tab writes a sign-out to the store late, when another has signed in again.
  [
    {
      ...{ locks: false, rotation: 'strict', opaque: false, start: 'sign-in', tabs: 1 },
      moves: [
        { move: 'open' },
        { move: 'signIn', tab: 0, user: 'ann' },
        { move: 'signIn', tab: 1, user: 'ann' },
        { move: 'wait', ms: 100 },
        { move: 'signOut', tab: 0 },
        { move: 'drain' },
        { move: 'wait', ms: 1_000 },
        { move: 'signIn', tab: 0, user: 'ann' },
      ],
    },
  ],
  // A user signs out when Redis has just lost its data, with tokens that are numbered ahead of the clock.
  [
    {
      ...{ locks: false, rotation: 'strict', opaque: false, start: 'sign-in', tabs: 2 },
      moves: [
        { move: 'signIn', tab: 1, user: 'ann' },
        { move: 'refresh', tab: 1 },
        { move: 'expire' },
        { move: 'request', tab: 0 },
        { move: 'drain' },
        { move: 'clear', tab: 0 },
        { move: 'signOut', tab: 0 },
      ],
    },
  ],
];
