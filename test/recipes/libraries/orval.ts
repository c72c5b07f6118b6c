import type { AxiosRequestConfig } from 'axios';
import { api } from './session';

/** For `override.mutator` of orval's configuration. */
export async function request<Data>(config: AxiosRequestConfig, options?: AxiosRequestConfig): Promise<Data> {
  const { data } = await api.request<Data>({ ...config, ...options });
  return data;
}
