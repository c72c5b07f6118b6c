import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import { close, listen, network } from '#network';

export function mockNetwork(): void {
  beforeAll(() => listen());
  afterEach(() => {
    vi.useRealTimers();
    network.resetHandlers();
  });
  afterAll(() => close());
}
