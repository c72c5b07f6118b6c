import { describe, expect, it } from 'vitest';
import { Credentials } from '../../src/tokens/credentials.js';
import { isSameUser } from '../../src/tokens/same-user.js';

const MARGINS = { leeway: 0, refreshAhead: 0 };

/** The current credentials, and what is compared with them. */
interface Case {
  before?: { subject?: string; sessionId?: string };
  after?: { subject?: string; sessionId?: string };
  minted?: boolean;
}

function isSame({ before = {}, after = {}, minted = false }: Case): boolean {
  const held = new Credentials(setOf(before), null, before.subject, 1, {}, MARGINS);
  return isSameUser(held, after.subject, setOf(after), minted);
}

const setOf = ({ sessionId }: NonNullable<Case['before']>) => ({
  accessToken: 'a',
  ...(sessionId && { sessionId }),
});

describe('new tokens belong to the same user', () => {
  it.each<[string, boolean, Case]>([
    ['if the subjects are the same', true, { before: { subject: '7' }, after: { subject: '7' } }],
    [
      'if the subjects are the same, even after another sign-in',
      true,
      { before: { subject: '7', sessionId: 'one' }, after: { subject: '7', sessionId: 'two' } },
    ],
    [
      'unless the subjects differ, even in a refresh of the same sign-in',
      false,
      { before: { subject: '7', sessionId: 'one' }, after: { subject: '8', sessionId: 'one' }, minted: true },
    ],
    ['if a refresh issued them', true, { minted: true }],
    [
      'if a refresh issued them and only the old subject is known',
      true,
      { before: { subject: '7' }, minted: true },
    ],
    [
      'if a refresh issued them and only the new subject is known',
      true,
      { after: { subject: '7' }, minted: true },
    ],
    [
      'unless the refresh found another sign-in',
      false,
      { before: { sessionId: 'one' }, after: { sessionId: 'two' }, minted: true },
    ],
    [
      'if they come from the same sign-in',
      true,
      { before: { sessionId: 'one' }, after: { sessionId: 'one' } },
    ],
    ['unless nothing identifies user or sign-in', false, {}],
    ['unless only one of the two sign-ins is known', false, { before: { sessionId: 'one' } }],
  ])('%s: %s', (_, same, given) => {
    expect(isSame(given)).toBe(same);
  });
});
