/** A way to break the SDK, and the guarantees that the model must then see broken. */
export interface Mutant {
  name: string;
  file: string;
  find: string;
  replace: string;
  breaks: RegExp;
  /** Only programs with cookies find this mutant. */
  cookies?: boolean;
}

const SPENT =
  /one refresh token is sent while|a refresh token is sent that|spent refresh token|refreshes for one/;

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the ledger is not read again under the lock',
    file: 'src/coordination/turn.ts',
    find: 'const news = entry && this.#isNews(entry) &&',
    replace: 'const news = entry && entry.generation < 0 && this.#isNews(entry) &&',
    breaks: SPENT,
  },
  {
    name: 'the generation is not compared at the commit',
    file: 'src/coordination/turn.ts',
    find: '=> !expected.includes(generation)',
    replace: '=> generation < 0 && !expected.includes(generation)',
    breaks: /signed in after the sign-out|signed in last|do not agree/,
  },
  {
    name: 'there is no lock',
    file: 'src/tabs/lock.ts',
    find: 'return hasPage() && globalThis.navigator?.locks',
    replace: 'if (hasPage()) return work();\n  return globalThis.navigator?.locks',
    breaks: SPENT,
  },
  {
    name: 'there is no lease',
    file: 'src/tabs/lock.ts',
    find: 'while (!signal.aborted && !(await takeLease(leases, me, patienceFor(holdFor)))) await jitter();',
    replace: 'await takeLease(leases, me, patienceFor(holdFor));',
    breaks: SPENT,
  },
  {
    name: 'a tab does not notice that turns pass from tab to tab',
    file: 'src/tabs/lock.ts',
    find: 'if (!working) turn = await turnUnderWay(name);',
    replace: '',
    breaks: SPENT,
    cookies: true,
  },
  {
    name: 'a request is sent even if another user has signed in',
    file: 'src/requests/requester.ts',
    find: 'return isSame ? undefined : sessionChanged();',
    replace: 'return undefined;',
    breaks: /sends a request of/,
  },
  {
    name: 'a sign-out does not reach the ledger',
    file: 'src/coordination/shared-session.ts',
    find: 'const published = this.#publish(tokens, generation);',
    replace: 'const published = tokens ? this.#publish(tokens, generation) : Promise.resolve();',
    breaks: /signed in after the sign-out|do not agree|the store holds/,
  },
  {
    name: 'a lock is never given back',
    file: 'src/tabs/lock.ts',
    find: '() => work());\n',
    replace: '() => work().then(() => new Promise(() => {})));\n',
    breaks: /never ends/,
  },
  {
    name: 'every tab takes over the tokens that old code stored',
    file: 'src/coordination/reconciler.ts',
    find: 'generation === undefined && isOpening && persistent',
    replace: 'generation === undefined && isOpening && !persistent',
    // A tab that adopts them late has a used refresh token, and is refused.
    breaks: /a session is refused that nothing has happened to/,
  },
  {
    name: "a refresh takes its sign-in from another member's entry",
    file: 'src/coordination/turn.ts',
    find: 'generation < spent ? undefined : sessionId',
    replace: 'generation < 0 ? undefined : sessionId',
    breaks: /sends a request of/,
  },
  {
    name: 'tokens that arrive after a sign-out elsewhere are not revoked',
    file: 'src/sign-out/sign-out-by.ts',
    find: "if (reason === 'signed_out_elsewhere') void this.#tell(this.#ownTokens);",
    replace: "if (reason === 'signed_out_elsewhere') this.#latest = undefined;",
    breaks: /good after the sign-out/,
  },
  {
    name: 'a sign-out does not wait for the refresh under way',
    file: 'src/sign-out/sign-out-by.ts',
    find: 'const latest = this.#news;',
    replace: 'const latest = held ? undefined : this.#news;',
    breaks: /good after the sign-out/,
  },
  {
    name: 'the turns of a fleet are not waited for',
    file: 'src/redis/turns.ts',
    find: 'if (isTaken) return',
    replace: 'if (isTaken || true) return',
    breaks: SPENT,
  },
  {
    name: 'what Redis has lost is taken for a sign-out',
    file: 'src/redis/fleet-sync.ts',
    find: 'else await this.#restore(newest);',
    replace: 'else state.adopt(null);',
    breaks: /ends that nobody has ended/,
  },
  {
    name: 'changes of one process overtake each other',
    file: 'src/redis/record.ts',
    find: 'const updated = this.#last.then(() => this.#update(change));',
    replace: 'const updated = this.#update(change);',
    breaks: /signed in last|do not agree|the store holds|signed in after/,
  },
  {
    name: 'a tab goes on as its user when somebody else has signed in by a cookie',
    file: 'src/state.ts',
    find: 'if (!this.#credentials || this.#settings.backend.giveAccessToken) {',
    replace: 'if (!this.#credentials) {',
    breaks: /do not agree|for signed in/,
    cookies: true,
  },
  {
    name: 'with a cookie, a refusal counts from its answer instead of its request',
    file: 'src/tokens/credentials.ts',
    find: 'Math.max(this.#refusedAt, sentAt)',
    replace: 'Date.now()',
    breaks: /refreshes for one expiry/,
    cookies: true,
  },
  {
    name: 'a request is sent again with the cookie that was refused',
    file: 'src/refresh/refresher.ts',
    find: 'held === refused || (isShared && held.tokens.receivedAt! <= sentAt)',
    replace: 'held === refused',
    breaks: /the cookie is not refreshed/,
    cookies: true,
  },
];
