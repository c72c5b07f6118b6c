import { contender as alova } from './alova.js';
import { contender as axiosAuthRefresh } from './axios-auth-refresh.js';
import { contender as axiosJwt } from './axios-jwt.js';
import { contender as bareAxios } from './bare-axios.js';
import { contender as copiedInterceptor } from './copied-interceptor.js';
import { contender as unexpired } from './unexpired.js';

/**
 * All contenders. `create({ baseURL, tokens, refresh, storage, transport })` creates a client as an app would. The client is signed
 * in with `tokens`, or with the tokens in `storage`. `refresh(refreshToken)` resolves with `{ accessToken, refreshToken, expiresAt }`
 * or rejects.
 */
export const contenders = [bareAxios, copiedInterceptor, axiosAuthRefresh, axiosJwt, alova, unexpired];

export const BARE = bareAxios.name;

export function contenderNamed(name) {
  return contenders.find((contender) => contender.name === name);
}
