import { afterEach, beforeEach, vi } from 'vitest';

/** A page without a browser, with only the properties that the tabs read. Its listeners are on `page()`. */
export function usePage(): { page(): EventTarget } {
  let page: EventTarget;
  beforeEach(() => {
    page = new EventTarget();
    vi.stubGlobal('location', new URL('https://app.example/'));
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
  return { page: () => page };
}
