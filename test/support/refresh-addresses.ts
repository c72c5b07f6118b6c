/** The `url` of a backend, the page, its `<base>`, and the URL of the refresh request. */
export const REFRESH_ADDRESSES: [url: string, page: string, base: string | undefined, address: string][] = [
  ['/refresh', 'https://shop.test/orders/7', undefined, 'https://shop.test/refresh'],
  ['refresh', 'https://shop.test/orders/7', undefined, 'https://shop.test/orders/refresh'],
  ['refresh', 'https://shop.test/orders/7', 'https://shop.test/app/', 'https://shop.test/app/refresh'],
  ['/refresh', 'https://shop.test/', 'https://elsewhere.test/x/', 'https://shop.test/refresh'],
  [' /refresh', 'https://shop.test/', 'https://elsewhere.test/x/', 'https://shop.test/refresh'],
  ['\\refresh', 'https://shop.test/', 'https://elsewhere.test/x/', 'https://shop.test/refresh'],
  ['/refresh', 'https://shop.test/', 'data:text/html,x', 'https://shop.test/refresh'],
  ['https://id.test/token', 'https://shop.test/', 'https://elsewhere.test/', 'https://id.test/token'],
  ['//id.test/token', 'https://shop.test/', undefined, 'https://id.test/token'],
];
