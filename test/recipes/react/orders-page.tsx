import { useLoaderData } from 'react-router';
import type { loadOrders } from './orders';

export function OrdersPage() {
  const orders = useLoaderData<typeof loadOrders>();
  return <p>{orders.data}</p>;
}
