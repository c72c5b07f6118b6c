import { mutate, type SWRConfiguration } from 'swr';
import { isFinal } from './is-final';
import { onUserChange } from './on-user-change';
import { session, sessionFetch, url } from './session';

/** For <SWRConfig value={swr}>. */
export const swr: SWRConfiguration = {
  fetcher: async (path: string) => {
    const answer = await sessionFetch(url + path);
    if (!answer.ok) throw new Error(`The server answered ${answer.status}`);
    return answer.json();
  },
  shouldRetryOnError: (error) => !isFinal(error),
};
// Components that are on the page ask again for the new user, whatever SWR asked for a moment ago.
onUserChange(() => void mutate(() => true, undefined, { revalidate: session.status === 'signed-in' }));
