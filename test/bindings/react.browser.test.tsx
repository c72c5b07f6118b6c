import { act, StrictMode, useEffect, version } from 'react';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type SessionView, useIdle, useSession } from '../../src/bindings/react.js';
import { type IdleWatch, watchIdle } from '../../src/idle/index.js';
import { createSession, type Session, type TokenSet } from '../../src/index.js';
import { REACT } from '../support/react-version.js';

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}

const SERVER_HTML = '<p>restoring: nobody</p>';
const tokenOf = (sub: string, serial = 0) =>
  `e30.${btoa(JSON.stringify({ sub, serial })).replaceAll('=', '')}.x`;

function newSession(read: () => TokenSet | null | Promise<TokenSet | null> = () => null): Session {
  const session = createSession({
    backend: {
      readTokens: (body) => body as TokenSet,
      refresh: async () => ({ accessToken: tokenOf('ann', 1), refreshToken: 'r' }),
    },
    store: { read, write: () => {} },
  });
  onTestFinished(() => session.dispose());
  return session;
}

function Who({ session, seen }: { session: Session; seen?: (view: SessionView) => void }) {
  const view = useSession(session);
  seen?.(view);
  return <p>{`${view.status}: ${view.claims?.sub ?? 'nobody'}`}</p>;
}

function SignIn({ session }: { session: Session }) {
  useEffect(() => void session.signIn({ accessToken: tokenOf('ann') }), [session]);
  return null;
}

const errors: unknown[][] = [];
beforeEach(() => {
  globalThis.IS_REACT_ACT_ENVIRONMENT = true;
  errors.length = 0;
  vi.spyOn(console, 'error').mockImplementation((...args) => void errors.push(args));
});
afterEach(() => {
  vi.restoreAllMocks();
  // React reports a render loop or a hydration mismatch with console.error.
  expect(errors).toEqual([]);
});

function newContainer(html = ''): HTMLElement {
  const container = document.body.appendChild(document.createElement('div'));
  container.innerHTML = html;
  onTestFinished(() => container.remove());
  return container;
}

async function render(element: React.ReactNode) {
  const container = newContainer();
  const root = createRoot(container);
  await act(async () => root.render(element));
  const unmount = () => act(async () => root.unmount());
  onTestFinished(unmount);
  return { text: () => container.textContent, unmount, root };
}

it('runs with the React version of the project', () => {
  expect(version.split('.')[0]).toBe(REACT);
});

describe.each([
  ['alone', (element: React.ReactNode) => element],
  ['in StrictMode', (element: React.ReactNode) => <StrictMode>{element}</StrictMode>],
])('useSession %s', (_, wrap) => {
  it('shows sign-ins and sign-outs', async () => {
    const session = newSession();
    const { text } = await render(wrap(<Who session={session} />));
    expect(text()).toBe('signed-out: nobody');
    await act(() => session.signIn({ accessToken: tokenOf('ann'), refreshToken: 'r' }));
    expect(text()).toBe('signed-in: ann');
    await act(() => session.signIn({ accessToken: tokenOf('bob') }));
    expect(text()).toBe('signed-in: bob');
    await act(() => session.signOut());
    expect(text()).toBe('signed-out: nobody');
  });

  it('shows the content of an asynchronous store, even if it is empty', async () => {
    for (const [stored, shown] of [
      [{ accessToken: tokenOf('ann') }, 'signed-in: ann'],
      [null, 'signed-out: nobody'],
    ] as const) {
      let answer!: (tokens: TokenSet | null) => void;
      const session = newSession(() => new Promise((resolve) => (answer = resolve)));
      const { text } = await render(wrap(<Who session={session} />));
      expect(text()).toBe('restoring: nobody');
      await act(async () => answer(stored));
      expect(text()).toBe(shown);
    }
  });

  it('misses no change between render and effect', async () => {
    const session = newSession();
    // React runs the effects of the first child before those of the second.
    const { text } = await render(
      wrap([<SignIn key="1" session={session} />, <Who key="2" session={session} />]),
    );
    expect(text()).toBe('signed-in: ann');
  });

  it('follows the session in its argument', async () => {
    const [ann, bob] = [newSession(), newSession()];
    await ann.signIn({ accessToken: tokenOf('ann') });
    await bob.signIn({ accessToken: tokenOf('bob') });
    const { text, root } = await render(wrap(<Who session={ann} />));
    await act(async () => root.render(wrap(<Who session={bob} />)));
    expect(text()).toBe('signed-in: bob');
    await act(() => ann.signOut());
    expect(text()).toBe('signed-in: bob');
    await act(() => bob.signOut());
    expect(text()).toBe('signed-out: nobody');
  });

  it('hydrates server-rendered HTML without a mismatch, and then shows the user', async () => {
    const session = newSession();
    await session.signIn({ accessToken: tokenOf('ann') });
    const container = newContainer(SERVER_HTML);
    const server = container.firstChild;
    const onRecoverableError = vi.fn();
    const root = await act(async () =>
      hydrateRoot(container, wrap(<Who session={session} />), { onRecoverableError }),
    );
    onTestFinished(() => act(async () => root.unmount()));
    expect(container.textContent).toBe('signed-in: ann');
    expect(container.firstChild).toBe(server);
    expect(onRecoverableError).not.toHaveBeenCalled();
  });
});

describe('the snapshot of useSession', () => {
  it('is the same object in all components until something changes', async () => {
    const session = newSession();
    const views = new Set<SessionView>();
    const seen = (view: SessionView) => views.add(view);
    const element = () => [<Who key="1" {...{ session, seen }} />, <Who key="2" {...{ session, seen }} />];
    const { root } = await render(element());
    await act(async () => root.render(element()));
    expect([...views]).toEqual([{ status: 'signed-out', claims: null }]);
    await act(() => session.signIn({ accessToken: tokenOf('ann') }));
    expect(views.size).toBe(2);
    expect(Object.isFrozen([...views][1])).toBe(true);
  });

  it('changes with the claims, and not with events that change nothing visible', async () => {
    const session = newSession();
    await session.signIn({ accessToken: tokenOf('ann'), refreshToken: 'r' });
    const renders = vi.fn();
    await render(<Who session={session} seen={renders} />);
    expect(renders).toHaveBeenCalledTimes(1);
    const events: string[] = [];
    session.subscribe(({ type }) => events.push(type));
    await act(() => session.refresh());
    expect(events).toEqual(['refreshing', 'refreshed']);
    expect(renders).toHaveBeenCalledTimes(2);
    expect(renders.mock.calls[1]![0].claims).toMatchObject({ serial: 1 });
  });
});

it('an unmounted component leaves no listener', async () => {
  const session = newSession();
  const ended: ReturnType<typeof vi.fn>[] = [];
  const watched = {
    ...session,
    status: session.status,
    claims: null,
    subscribe(listener: Parameters<Session['subscribe']>[0]) {
      const end = vi.fn(session.subscribe(listener));
      ended.push(end);
      return end;
    },
  };
  const { unmount } = await render(
    <StrictMode>
      <Who session={watched} />
    </StrictMode>,
  );
  expect(ended.length).toBeGreaterThan(0);
  await unmount();
  for (const end of ended) expect(end).toHaveBeenCalledOnce();
});

function Presence({ watch }: { watch: IdleWatch }) {
  const { status, reason } = useIdle(watch);
  return <p>{`${status} ${reason ?? ''}`}</p>;
}

it('useIdle shows the warning, and hides it when the user stays signed in', async () => {
  const session = newSession();
  const watch = watchIdle(session, { idleAfter: 60_000, warnBefore: 59_900, activity: () => () => {} });
  const { text, unmount } = await render(
    <StrictMode>
      <Presence watch={watch} />
    </StrictMode>,
  );
  expect(text()).toBe('active ');
  await act(() => session.signIn({ accessToken: tokenOf('ann') }));
  await act(() => expect.poll(() => watch.view.status).toBe('warning'));
  expect(text()).toBe('warning idle');
  await act(async () => watch.stay());
  expect(text()).toBe('active ');
  await unmount();
});
