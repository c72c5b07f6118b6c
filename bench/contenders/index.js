import { contender as alova } from './alova.js';
import { contender as axiosAuthRefresh } from './axios-auth-refresh.js';
import { contender as axiosJwt } from './axios-jwt.js';
import { contender as bareAxios } from './bare-axios.js';
import { contender as copiedInterceptor } from './copied-interceptor.js';
import { contender as unexpired } from './unexpired.js';

/**
 * Who takes part. `create({ baseURL, tokens, refresh, storage, transport })` makes a client as an application would, signed in
 * with `tokens`, or with what the storage holds; `refresh(refreshToken)` answers `{ accessToken, refreshToken, expiresAt }`,
 * or throws.
 */
export const contenders = [bareAxios, copiedInterceptor, axiosAuthRefresh, axiosJwt, alova, unexpired];

export const BARE = bareAxios.name;

export function contenderNamed(name) {
  return contenders.find((contender) => contender.name === name);
}
