import { assertOneOf } from '../assert.js';
import type { ProtocolName } from '../options.js';
import { cookie } from './cookie.js';
import { envelope } from './envelope.js';
import { oauth2 } from './oauth2.js';
import type { Protocol } from './protocol.js';
import { simpleJwt } from './simple-jwt.js';

const PROTOCOLS: Record<ProtocolName, Protocol> = { envelope, oauth2, 'simple-jwt': simpleJwt, cookie };

/** @throws {TypeError} if there is no such protocol; the message lists all protocols. */
export function protocolNamed(name: ProtocolName = 'envelope'): Protocol {
  assertOneOf('protocol', name, Object.keys(PROTOCOLS));
  return PROTOCOLS[name];
}
