import { setTimeout } from 'node:timers/promises';
import { connect, copyContacts } from './worker.ts';

/** A worker that copies the contacts of one customer again and again. */
const CUSTOMER = 'acme';

for (;;) {
  const outcome = await copyContacts(CUSTOMER);
  console.log(outcome);
  if (outcome === 'disconnected') await connect(CUSTOMER, await consent());
  else await setTimeout(1_000);
}

/** Takes the place of the customer, who clicks through the CRM's consent page. */
async function consent(): Promise<unknown> {
  const answer = await fetch(`${process.env.CRM_ORIGIN}/login/`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username: 'kevin', password: 'open-sesame' }),
  });
  return answer.json();
}
