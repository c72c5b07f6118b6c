import axios from 'axios';
import { expect, it, vi } from 'vitest';
import { createApi } from './address-api.js';

vi.mock('axios', () => import('axios-1.7'));

const V1 = 'https://api.test/v1';
const config = { allowAbsoluteUrls: false };

it.each([
  ['https://evil.test/x', `${V1}/https://evil.test/x`],
  ['//evil.test/x', `${V1}/evil.test/x`],
  ['/orders', `${V1}/orders`],
  ['orders', `${V1}/orders`],
  ['', V1],
  [V1, `${V1}/${V1}`],
])('axios 1.7, which does not know allowAbsoluteUrls, also keeps %j below the base', async (url, sent) => {
  expect(axios.VERSION).toMatch(/^1\.7\./);
  expect(await createApi(V1).target(url, config)).toBe(sent);
});

it('an empty path with allowAbsoluteUrls: false is sent to the base itself', async () => {
  expect(await createApi(V1, { exclude: [() => false] }).target('', config)).toBe(V1);
});

it('allowAbsoluteUrls: false keeps an absolute URL if there is no base', async () => {
  const { target } = createApi(undefined, { origins: ['https://files.test'] });
  expect(await target('https://files.test/x', config)).toBe('https://files.test/x');
});

it('an absolute URL stays absolute without allowAbsoluteUrls: false', async () => {
  expect(await createApi(V1).target('https://api.test/x')).toBe('https://api.test/x');
});
