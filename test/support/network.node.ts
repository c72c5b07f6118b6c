import { setupServer } from 'msw/node';
import { slowDown } from './slow-network.js';

export const network = slowDown(setupServer());
export const listen = (): void => network.listen({ onUnhandledFrame: 'error' });
export const close = (): void | Promise<void> => network.close();
