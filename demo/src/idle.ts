import { watchIdle } from 'unexpired/idle';
import { session } from './session';

/** Seconds; `?idle=20` tries it out. */
export const idleAfter = Number(new URLSearchParams(location.search).get('idle')) || 15 * 60;

/** Signs out, in every tab, when nobody has done anything in any of them. */
export const idle = watchIdle(session, { idleAfter: idleAfter * 1_000 });
