import { Window } from 'happy-dom';
import { describe, expect } from 'vitest';
import guide from '../../docs/testing.md?raw';
import { claimsOf } from '../support/claims.js';
import { serve } from '../support/http.js';

/** docs/testing.md says these sentences about happy-dom. */
const claim = claimsOf(guide);

describe('happy-dom', () => {
  claim('`Response.clone()` empties a response of `fetch`, and its copy is empty too.', async () => {
    const origin = await serve(async () => Response.json({ code: 1003 }, { status: 403 }));
    const window = new Window({ url: origin });
    const whole = await window.fetch('/');
    expect(await whole.text()).toBe('{"code":1003}');
    const response = await window.fetch('/');
    const copy = response.clone();
    expect([await response.text(), await copy.text()]).toEqual(['', '']);
    await window.happyDOM.close();
  });
});
