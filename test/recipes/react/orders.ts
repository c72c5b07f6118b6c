import type { LoaderFunctionArgs } from 'react-router';
import { api } from './api';

export async function loadOrders({ request }: LoaderFunctionArgs) {
  const { data } = await api.get<{ data: string }>('/order/', { signal: request.signal });
  return data;
}
