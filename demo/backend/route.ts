import axios from 'axios';
import type { BackendClient } from './client';
import { type BackendName, NAMES } from './messages';

/** Called when a call to a backend begins. Returns a function to call when it ends. */
export type OnCall = (call: BackendCall) => (outcome: CallOutcome) => void;

export interface BackendCall {
  readonly to: BackendName;
  readonly endpoint: 'login' | 'refresh' | 'order';
  /** The number of the order. */
  readonly number: number;
}

export type CallOutcome = 'answered' | 'refused' | 'failed';

/** The address of a backend. It needs no server: {@link routeToBackends} catches the requests. */
export function addressOf(name: BackendName): string {
  return new URL(`backend/${name}/`, document.baseURI).href;
}

/** Sends the requests of this page for a backend's address to that backend. All others go to the network as before. */
export function routeToBackends(client: BackendClient, onCall?: OnCall): void {
  const send = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const request = new Request(input, init);
    const to = NAMES.find((name) => request.url.startsWith(addressOf(name)));
    return to ? recorded(callOf(to, request.url), onCall, client.fetch(to, request)) : send(request);
  };
  axios.defaults.adapter = 'fetch';
}

async function recorded(call: BackendCall, onCall: OnCall | undefined, answer: Promise<Response>) {
  const end = onCall?.(call);
  try {
    const response = await answer;
    end?.(await outcomeOf(response.clone()));
    return response;
  } catch (error) {
    end?.('failed');
    throw error;
  }
}

function callOf(to: BackendName, url: string): BackendCall {
  const { pathname, searchParams } = new URL(url);
  const endpoint = /login\/$/.test(pathname)
    ? 'login'
    : /update_token\/$/.test(pathname)
      ? 'refresh'
      : 'order';
  return { to, endpoint, number: Number(searchParams.get('number')) };
}

/** This protocol refuses an order with status 403, and a refresh with a code in HTTP 200. */
async function outcomeOf(response: Response): Promise<CallOutcome> {
  if (response.status === 403) return 'refused';
  if (!response.ok) return 'failed';
  const { code } = await response.json();
  return [1001, 1006, 1007].includes(code) ? 'answered' : 'refused';
}
