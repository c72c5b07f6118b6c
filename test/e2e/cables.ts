import type { Counts } from '../../demo/backend/messages.ts';

type Code = 'copied' | 'queued' | 'unexpired';

interface Expected {
  /** The numbers that its backend counts. */
  counts: Partial<Counts>;
  /** The text of the page afterwards. */
  says: string;
}

/** A cable, and the result for each column. */
export type Cable = { name: string } & Record<Code, Expected>;

const expected = (says: string, counts: Partial<Counts>): Expected => ({ says, counts });

const LOST = 'Nobody is signed in. The login page opened 50 times.';
const LOST_ONCE = 'Nobody is signed in. The login page opened once.';
const KEPT = 'Afterwards: all 50 orders were answered. Kevin is signed in.';
const FINE = '1 refresh reached the backend. All 50 orders were answered. Kevin is signed in.';

export const CABLES: Cable[] = [
  {
    name: 'Network down',
    copied: expected(`No refresh reached the backend. All 50 orders failed (no connection). ${LOST}`, {
      ...{ refreshes: 0, refreshFailures: 0, ordersOk: 0 },
    }),
    queued: expected(`1 refresh reached the backend. All 50 orders failed (no connection). ${KEPT}`, {
      ...{ refreshes: 1, refreshFailures: 0, ordersOk: 50, ordersRefused: 50 },
    }),
    unexpired: expected(
      `1 refresh reached the backend. All 50 orders failed (refresh_unavailable). ${KEPT}`,
      {
        ...{ refreshes: 1, refreshFailures: 0, ordersOk: 50, ordersRefused: 0, logins: 1 },
      },
    ),
  },
  ...[500, 429].map((status) => ({
    name: status === 500 ? 'Error 500' : '429, Retry-After',
    copied: expected(`50 refreshes reached the backend. All 50 orders failed (status ${status}). ${LOST}`, {
      ...{ refreshes: 0, refreshFailures: 50, ordersOk: 0 },
    }),
    queued: expected(`1 refresh reached the backend. All 50 orders failed (status ${status}). ${LOST_ONCE}`, {
      ...{ refreshes: 0, refreshFailures: 1, ordersOk: 0 },
    }),
    unexpired: expected(
      `2 refreshes reached the backend. All 50 orders failed (refresh_unavailable). ${KEPT}`,
      {
        ...{ refreshes: 1, refreshFailures: 1, ordersOk: 50, ordersRefused: 0, logins: 1 },
      },
    ),
  })),
  {
    name: 'Answer lost',
    copied: expected(`1 refresh reached the backend. The order failed (no connection). ${LOST_ONCE}`, {
      ...{ refreshes: 1, ordersOk: 0 },
    }),
    queued: expected(`1 refresh reached the backend. The order failed (no connection). ${LOST_ONCE}`, {
      ...{ refreshes: 1, ordersOk: 0 },
    }),
    unexpired: expected(
      '2 refreshes reached the backend. The order failed (refresh_unavailable). Afterwards: the order was answered. Kevin is signed in.',
      { refreshes: 2, refreshFailures: 0, ordersOk: 1, logins: 1 },
    ),
  },
  {
    name: 'Refresh refused',
    copied: expected(`50 refreshes reached the backend. All 50 orders failed (no usable answer). ${LOST}`, {
      ...{ refreshes: 0, refreshFailures: 50, ordersOk: 0 },
    }),
    queued: expected(`1 refresh reached the backend. All 50 orders failed (no usable answer). ${LOST_ONCE}`, {
      ...{ refreshes: 0, refreshFailures: 1, ordersOk: 0 },
    }),
    unexpired: expected(
      `1 refresh reached the backend. All 50 orders failed (refresh_rejected). ${LOST_ONCE}`,
      {
        ...{ refreshes: 0, refreshFailures: 1, ordersOk: 0 },
      },
    ),
  },
  {
    name: 'Wrong clock',
    copied: expected(LOST, { refreshes: 1, refreshFailures: 49, ordersOk: 0 }),
    queued: expected('No refresh reached the backend. All 50 orders were answered. Kevin is signed in.', {
      ...{ refreshes: 0, ordersOk: 50, ordersRefused: 0 },
    }),
    unexpired: expected(FINE, { refreshes: 1, refreshFailures: 0, ordersOk: 50, ordersRefused: 0 }),
  },
  {
    name: 'Time zone',
    copied: expected(`No refresh reached the backend. All 50 orders failed (status 403). ${LOST}`, {
      ...{ refreshes: 0, refreshFailures: 0, ordersOk: 0, ordersRefused: 50 },
    }),
    queued: expected(FINE, { refreshes: 1, ordersOk: 50, ordersRefused: 50 }),
    unexpired: expected(FINE, { refreshes: 1, ordersOk: 50, ordersRefused: 0 }),
  },
  {
    name: 'Sign-out elsewhere',
    copied: expected('The order was answered. Kevin is signed in.', { refreshes: 1, ordersOk: 1 }),
    queued: expected('The order was answered. Kevin is signed in.', { refreshes: 1, ordersOk: 1 }),
    unexpired: expected(`The order failed (signed_out). ${LOST_ONCE}`, {
      ...{ refreshes: 1, ordersOk: 0, ordersRefused: 0 },
    }),
  },
  {
    name: 'Another user',
    copied: expected('1 order was sent in another user’s name. Kevin is signed in.', {
      ...{ refreshes: 1, ordersOk: 2, mistaken: 1, logins: 2 },
    }),
    queued: expected('1 order was sent in another user’s name. Kevin is signed in.', {
      ...{ refreshes: 1, ordersOk: 2, mistaken: 1, logins: 2 },
    }),
    unexpired: expected('The order failed (session_changed). Ann is signed in.', {
      ...{ refreshes: 1, ordersOk: 1, mistaken: 0, logins: 2 },
    }),
  },
  {
    name: 'A second tab',
    copied: expected(LOST, { refreshes: 1, refreshFailures: 49, reuses: 1, ordersOk: 0 }),
    queued: expected('2 refreshes reached the backend.', { refreshes: 1, refreshFailures: 1, reuses: 1 }),
    unexpired: expected(FINE, { refreshes: 1, reuses: 0, ordersOk: 50, ordersRefused: 0, requests: 52 }),
  },
];
