import { setupWorker } from 'msw/browser';

export const network = setupWorker();
export const listen = (): Promise<unknown> => network.start({ onUnhandledFrame: 'error', quiet: true });
export const close = (): void | Promise<void> => network.stop();
