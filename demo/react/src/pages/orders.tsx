import { type LoaderFunctionArgs, useLoaderData, useRevalidator } from 'react-router';
import { api } from '../api';
import { download } from '../download';

interface Order {
  id: number;
  what: string;
  price: number;
}

export async function loadOrders({ request: { signal } }: LoaderFunctionArgs) {
  const { data } = await api.get<{ data: Order[] }>('/order/', { signal });
  return { orders: data.data, at: new Date() };
}

export function OrdersPage() {
  const { orders, at } = useLoaderData<typeof loadOrders>();
  const { revalidate, state } = useRevalidator();
  return (
    <>
      <h1>Your orders</h1>
      <table>
        <tbody>
          {orders.map(({ id, what, price }) => (
            <tr key={id}>
              <td>{id}</td>
              <td>{what}</td>
              <td>€ {price}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="row">
        <span role="status">
          {state === 'loading' ? 'Loading…' : `${orders.length} orders, loaded at ${at.toLocaleTimeString()}`}
        </span>
        <span className="row">
          <button type="button" onClick={() => download('/order/', 'orders.json')}>
            Download
          </button>
          <button className="primary" type="button" onClick={() => revalidate()}>
            Load again
          </button>
        </span>
      </p>
    </>
  );
}
