import { setupServer } from 'msw/node';

export const network = setupServer();
export const listen = (): void => network.listen({ onUnhandledFrame: 'error' });
export const close = (): void | Promise<void> => network.close();
