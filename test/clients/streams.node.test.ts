import { createReadStream } from 'node:fs';
import { PassThrough } from 'node:stream';
import axios, { type AxiosError } from 'axios';
import { expect, it } from 'vitest';
import { outcome } from '../support/app.js';
import { createHandmade, ECHO, staleTokensOf } from '../support/handmade.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const missing = () => createReadStream('/there/is/no/such/file');

/** What the caller sees of an error. */
const shapeOf = ({ message, code, isAxiosError, config }: AxiosError) => ({
  ...{ message, code, isAxiosError },
  url: config?.url,
});

it('a stream that fails while its request waits for a refresh rejects the request, as in axios, and does not crash the process', async () => {
  const { api, session, seen } = createHandmade();
  await session.signIn(staleTokensOf('alice'));
  const expected = await outcome(axios.create({ adapter: 'http' }).post(ECHO, missing()));
  const error = (await outcome(api.post(ECHO, missing(), { adapter: 'http' }))) as AxiosError;
  expect(shapeOf(error)).toEqual(shapeOf(expected as AxiosError));
  expect(error.code).toBe('ENOENT');
  expect(seen).toEqual([]);
});

it('an intact stream is sent after the wait', async () => {
  const { api, session, seen, refreshes, refreshesBegun } = createHandmade();
  await session.signIn(staleTokensOf('alice'));
  const body = new PassThrough();
  body.end('content');
  const answer = api.post(ECHO, body, { adapter: 'http' });
  await refreshesBegun(1);
  refreshes[0]!.resolve({ accessToken: 'new' });
  expect((await answer).data).toEqual({ token: 'new' });
  expect(seen).toMatchObject([{ body: 'content', token: 'new' }]);
});
