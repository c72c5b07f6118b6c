import { setupWorker } from 'msw/browser';
import { slowDown } from './slow-network.js';

export const network = slowDown(setupWorker());
export const listen = (): Promise<unknown> => network.start({ onUnhandledFrame: 'error', quiet: true });
export const close = (): void | Promise<void> => network.stop();
