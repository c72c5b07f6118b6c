import type { AxiosAdapter, AxiosResponse } from 'axios';

/** An adapter that responds with these parts. */
export const responding =
  (parts: Partial<AxiosResponse> = {}): AxiosAdapter =>
  async (config) => ({ data: '', status: 200, statusText: '', headers: {}, config, ...parts });
