import { isAxiosError } from 'axios';
import { isSessionError } from 'unexpired';
import { ref } from 'vue';
import { api } from './api';

/** The result of the last orders. */
export const ordersText = ref('No orders yet');

const ASKED = 5;

/** Requests five orders at once. */
export async function loadOrders(): Promise<void> {
  ordersText.value = 'Loading…';
  const results = await Promise.allSettled(
    Array.from({ length: ASKED }, (_, number) => api.get('order/', { params: { number } })),
  );
  const failed = results.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
  const answered = results.filter(({ status }) => status === 'fulfilled').length;
  ordersText.value = `${answered} of ${ASKED} orders answered${failed ? `: ${reasonOf(failed.reason)}` : ''}`;
}

function reasonOf(error: unknown): string {
  const cause = isAxiosError(error) ? error.cause : error;
  return isSessionError(cause) ? cause.code : 'no answer';
}
