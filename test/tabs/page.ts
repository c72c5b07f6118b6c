import { afterEach, beforeEach, vi } from 'vitest';
import { stubEvents } from '../support/stub-page.js';

/** A page without a browser, with only the properties that the tabs read. `page()` dispatches its events. */
export function usePage(): { page(): EventTarget } {
  let page: EventTarget;
  beforeEach(() => {
    page = stubEvents();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
  return { page: () => page };
}
