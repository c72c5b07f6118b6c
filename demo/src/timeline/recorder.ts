import axios, { type AxiosAdapter } from 'axios';
import type { Session, SessionError, SessionEvent } from 'unexpired';
import { reactive } from 'vue';
import {
  type CallSpan,
  freeRow,
  fromWallClock,
  now,
  type OrderSpan,
  prune,
  type RefreshSpan,
  type TokenSpan,
  tokenSpan,
} from './spans';

export interface Recording {
  readonly tokens: TokenSpan[];
  readonly refreshes: RefreshSpan[];
  readonly orders: OrderSpan[];
}

let serial = 0;

/** The data of the timeline. */
export const recording: Recording = reactive({ tokens: [], refreshes: [], orders: [] });

export function clearRecording(): void {
  for (const spans of Object.values(recording)) spans.length = 0;
}

/** Records the tokens and refreshes of a session. Returns a function that stops it. */
export function recordSession(session: Session): () => void {
  if (session.status === 'signed-in') beginToken(expiryOf(session));
  return session.subscribe((event) => {
    recordRefresh(event);
    if (event.type === 'signed-in') beginToken(expiryOf(session));
    if (event.type === 'refreshed') beginToken(event.expiresAt);
    if (event.type === 'signed-out') endToken();
  });
}

/** The expiry of a session that has just started. Later, the events of refreshes are more exact. */
function expiryOf({ claims }: Session): number | undefined {
  return typeof claims?.exp === 'number' ? claims.exp * 1000 : undefined;
}

function beginToken(expiresAt: number | undefined): void {
  endToken();
  prune(recording.tokens);
  if (expiresAt !== undefined) recording.tokens.push(tokenSpan(++serial, now(), fromWallClock(expiresAt)));
}

function endToken(): void {
  const token = recording.tokens.at(-1);
  if (token) token.until = Math.min(token.until, now());
}

function recordRefresh(event: SessionEvent): void {
  if (event.type === 'refreshing') beginRefresh();
  if (event.type === 'refreshed') endRefresh('refreshed');
  if (event.type === 'refresh-failed') endRefresh(isRefusal(event.error) ? 'refused' : 'failed');
  // There are no more events of a refresh after a sign-out.
  if (event.type === 'signed-out') endRefresh('failed');
}

function isRefusal({ code }: SessionError): boolean {
  return code === 'refresh_rejected';
}

function beginRefresh(): void {
  prune(recording.refreshes);
  recording.refreshes.push({ id: ++serial, from: now(), outcome: 'pending' });
}

function endRefresh(outcome: RefreshSpan['outcome']): void {
  const refresh = recording.refreshes.at(-1);
  if (refresh?.outcome === 'pending') Object.assign(refresh, { outcome, until: now() });
}

/** Records one order. `send` must use the given adapter, which records each HTTP call. */
export async function recordOrder<T>(send: (adapter: AxiosAdapter) => Promise<T>): Promise<T> {
  prune(recording.orders);
  const row = freeRow(recording.orders);
  const { orders } = recording;
  orders.push({ id: ++serial, row, from: now(), outcome: 'pending', calls: [] });
  const order = orders.at(-1) as OrderSpan;
  const end = (outcome: OrderSpan['outcome']) => Object.assign(order, { outcome, until: now() });
  try {
    const response = await send(recordCalls(order));
    end('answered');
    return response;
  } catch (error) {
    end('failed');
    throw error;
  }
}

function recordCalls({ calls }: OrderSpan): AxiosAdapter {
  const send = axios.getAdapter(axios.defaults.adapter);
  return async (config) => {
    calls.push({ id: ++serial, from: now(), outcome: 'pending' });
    const call = calls.at(-1) as CallSpan;
    const end = (outcome: CallSpan['outcome']) => Object.assign(call, { outcome, until: now() });
    try {
      const response = await send(config);
      end('answered');
      return response;
    } catch (error) {
      end(axios.isAxiosError(error) && error.response ? 'refused' : 'failed');
      throw error;
    }
  };
}
