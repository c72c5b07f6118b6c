import { isSessionError } from 'unexpired';
import { session } from './session';

/** A WebSocket that is opened again when it closes. Returns what ends it. */
export function openLive(onMessage: (data: string) => void): () => void {
  const ending = new AbortController();
  void stayConnected(onMessage, ending.signal);
  return () => ending.abort();
}

async function stayConnected(onMessage: (data: string) => void, signal: AbortSignal) {
  while (!signal.aborted) {
    try {
      const token = await session.getAccessToken({ signal }); // refreshed first if need be
      await converse(token, onMessage, signal);
    } catch (error) {
      if (isSessionError(error, 'signed_out') || isSessionError(error, 'refresh_rejected')) return;
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

/** Until the connection is closed. */
function converse(token: string, onMessage: (data: string) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/live`);
    socket.onopen = () => socket.send(JSON.stringify({ token })); // not in the URL, which servers write into logs
    socket.onmessage = ({ data }) => onMessage(data);
    socket.onclose = () => resolve();
    signal.addEventListener('abort', () => socket.close());
  });
}
