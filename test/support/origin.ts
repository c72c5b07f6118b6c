/** The origin of the API. */
export const ORIGIN = 'https://api.test';
