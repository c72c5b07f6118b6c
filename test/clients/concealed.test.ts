import axios, { type AxiosAdapter, AxiosError, type AxiosResponse } from 'axios';
import { describe, expect, it } from 'vitest';
import { outcome } from '../support/app.js';
import { createHandmade, ECHO, tokenOf } from '../support/handmade.js';
import { mockNetwork } from '../support/mock-network.js';
import { responding } from './responding.js';

mockNetwork();

/** What Node's adapters set as `request`: an object with the headers that were sent. */
const nodeRequest = () => ({ getHeaders: () => ({ authorization: 'Bearer secret' }) });

async function get(adapter: AxiosAdapter): Promise<unknown> {
  const app = createHandmade();
  await app.session.signIn({ accessToken: tokenOf('alice') });
  return outcome(app.api.get(ECHO, { adapter }));
}

describe('`request`, which contains the token', () => {
  it('of a response can be read, but logs and copies do not show it', async () => {
    const request = nodeRequest();
    const response = (await get(responding({ request }))) as AxiosResponse;
    expect(response.request).toBe(request);
    expect(Object.keys(response)).not.toContain('request');
  });

  it('of an error and of its response can be read, but logs and copies do not show it', async () => {
    const request = nodeRequest();
    const error = (await get(async (config) => {
      const response = await responding({ request })(config);
      throw new AxiosError('refused', 'ERR_BAD_REQUEST', config, request, response);
    })) as AxiosError;
    for (const holder of [error, error.response!]) {
      expect(holder.request).toBe(request);
      expect(Object.keys(holder)).not.toContain('request');
    }
  });

  it('of an error without a response does not show in logs either', async () => {
    const error = (await get(async (config) => {
      throw new AxiosError('lost', 'ERR_NETWORK', config, nodeRequest());
    })) as AxiosError;
    expect(error.request).toBeDefined();
    expect(Object.keys(error)).not.toContain('request');
  });
});

describe('`request` stays as it is', () => {
  it.each([
    ['an XMLHttpRequest, which shows no headers', { responseURL: ECHO }],
    ['the text of a mock', 'a mock'],
    ['null', null],
    ['undefined', undefined],
  ])('if it is %s', async (_, request) => {
    const response = (await get(responding({ request }))) as AxiosResponse;
    expect(response.request).toBe(request);
    expect(Object.keys(response)).toContain('request');
  });

  it.each([[undefined], [null], ['text']])(
    'the caller gets %s unchanged if an adapter rejects with it',
    async (reason) => {
      expect(await get(() => Promise.reject(reason))).toBe(reason);
    },
  );
});

it('without a session, axios shows `request`', async () => {
  const response = await axios.get(ECHO, { adapter: responding({ request: nodeRequest() }) });
  expect(Object.keys(response)).toContain('request');
});
