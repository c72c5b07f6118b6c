export type { AnswerView, Backend, Carry, StepUpChallenge } from './backends/backend.js';
export type { Code, Refused } from './backends/codes.js';
export { type CookieOptions, cookieBackend } from './backends/cookie.js';
export type { CookieUser } from './backends/cookie-only.js';
export { type EnvelopeOptions, envelopeBackend } from './backends/envelope.js';
export type { EndpointOptions, ExtraHeaders, SignOutOption } from './backends/http.js';
export { type HttpOptions, httpBackend } from './backends/http-backend.js';
export { type OAuth2Options, oauth2Backend } from './backends/oauth2.js';
export type { Parameters, TokenPlace } from './backends/place.js';
export { readBody } from './backends/read-body.js';
export { type SimpleJwtOptions, simpleJwtBackend } from './backends/simple-jwt.js';
export { type StepUpCodesOptions, stepUpCodes } from './backends/step-up.js';
export type { Coordination } from './coordination/coordination.js';
export { isSessionError, SessionError, type SessionErrorCode, type SessionErrorOptions } from './errors.js';
export type {
  ReauthenticateEvent,
  SessionEvent,
  SessionListener,
  SignedOutEvent,
  SignedOutReason,
} from './events.js';
export { keepAlive } from './keep-alive.js';
export type { SessionOptions } from './options.js';
export { type LoginRedirectOptions, loginRedirect } from './redirect/login-redirect.js';
export { readReturnTo } from './redirect/return-to.js';
export { withStepUp } from './requests/step-up.js';
export { createSession, type Session } from './session.js';
export { blacklist, type LogoutOptions, logout, revocation } from './sign-out/logout.js';
export type { ServerSession, SigningOut, SignOut } from './sign-out/sign-out.js';
export { type Revoke, signOutBy } from './sign-out/sign-out-by.js';
export { memoryStore } from './stores/memory.js';
export { type SharedMemoryOptions, sharedMemoryStore } from './stores/shared-memory.js';
export type { TokenStore } from './stores/store.js';
export { localStorageStore, sessionStorageStore, type WebStorageOptions } from './stores/web-storage.js';
export { type TabsOptions, tabs } from './tabs/tabs.js';
export type { Claims } from './tokens/claims.js';
export type { Carried } from './tokens/credentials.js';
export type { TokenSet } from './tokens/token-set.js';
export { type TimeZone, timeZone } from './tokens/zone.js';
export { type WarnBeforeEndOptions, warnBeforeEnd } from './warn-before-end.js';
