import { QueryClient } from '@tanstack/query-core'; // '@tanstack/react-query' and '@tanstack/vue-query' export it too
import { isFinal } from './is-final';
import { onUserChange } from './on-user-change';

export const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: (failures, error) => failures < 3 && !isFinal(error) } },
});
onUserChange(() => queryClient.clear());
