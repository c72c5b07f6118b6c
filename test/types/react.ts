import { type SessionView, useSession } from '../../src/bindings/react.js';
import type { Session } from '../../src/index.js';

declare const session: Session;

const view: SessionView = useSession(session);
export const { status, claims } = view;
export const shown: 'restoring' | 'signed-in' | 'signed-out' = status;
export const name: unknown = claims?.name;

// @ts-expect-error the session is an argument: there is no provider
useSession();
// @ts-expect-error claims are read-only
view.claims = null;
// @ts-expect-error there is no such status
export const loading: boolean = status === 'loading';
// @ts-expect-error a claim has an unknown type
export const text: string = claims?.name;
