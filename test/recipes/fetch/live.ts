import { isSessionError } from 'unexpired';
import { session } from './session';

/** Opens a WebSocket, and opens it again when it closes. Returns a function that stops this. */
export function openLive(onMessage: (data: string) => void): () => void {
  const stopping = new AbortController();
  void stayConnected(onMessage, stopping.signal);
  return () => stopping.abort();
}

async function stayConnected(onMessage: (data: string) => void, signal: AbortSignal) {
  while (!signal.aborted) {
    try {
      const token = await session.getAccessToken({ signal }); // refreshes first if necessary
      await connect(token, onMessage, signal);
    } catch (error) {
      if (isSessionError(error, 'signed_out') || isSessionError(error, 'refresh_rejected')) return;
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

/** Resolves when the connection is closed. */
function connect(token: string, onMessage: (data: string) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/live`);
    socket.onopen = () => socket.send(JSON.stringify({ token })); // not in the URL: servers write URLs into their logs
    socket.onmessage = ({ data }) => onMessage(data);
    socket.onclose = () => resolve();
    signal.addEventListener('abort', () => socket.close());
  });
}
