import axiosRetry, { isNetworkOrIdempotentRequestError } from 'axios-retry';
import { isFinal } from './is-final';
import { api } from './session';

axiosRetry(api, {
  retries: 3,
  retryDelay: axiosRetry.exponentialDelay,
  retryCondition: (error) => !isFinal(error) && isNetworkOrIdempotentRequestError(error),
});
