import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import { close, listen, network } from '#network';

beforeAll(() => listen());
afterEach(() => {
  vi.useRealTimers();
  network.resetHandlers();
});
afterAll(() => close());
