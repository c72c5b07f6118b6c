import { createClient } from '@hey-api/client-fetch'; // in a generated client: import { client } from './client/client.gen'
import { sessionFetch, url } from './session';

export const client = createClient({ baseUrl: url });
client.setConfig({ fetch: sessionFetch });
