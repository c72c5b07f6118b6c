import axios from 'axios';
import { buildKeyGenerator, setupCache } from 'axios-cache-interceptor';
import { attachSession } from 'unexpired/axios';
import { onUserChange } from './on-user-change';
import { session, url } from './session';

let users = 0;
const generateKey = buildKeyGenerator(({ baseURL, url, method, params, data }) => ({
  ...{ users, baseURL, url, method, params, data },
}));
export const cached = setupCache(axios.create({ baseURL: url }), { generateKey });
attachSession(cached, session); // after setupCache
onUserChange(() => {
  users++; // an answer to the last user that is still on its way is not found either
  void cached.storage.clear?.();
});
