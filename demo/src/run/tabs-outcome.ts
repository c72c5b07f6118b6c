import type { round } from './tabs';

type Round = NonNullable<(typeof round)['value']>;

/** Returns sentences about which tabs refreshed and which adopted. The backend counts the calls. */
export function tabsOutcome({ before, after, events, tabs }: Round): string {
  const refreshes = after.refreshes - before.refreshes;
  const refused = after.refreshFailures - before.refreshFailures;
  const orders = after.ordersOk - before.ordersOk;
  const who = (event: string) => tabs.filter((tab) => events[tab] === event);
  const calls = refreshes + refused;
  return [
    `${tabs.length} tabs, ${calls} ${calls === 1 ? 'refresh' : 'refreshes'}${refused ? ` (${refused} refused)` : ''}, ${orders} orders answered.`,
    sentence(who('refreshed'), 'refreshed'),
    sentence(who('adopted'), 'adopted the new tokens'),
    sentence(who('signed-out'), 'signed out'),
  ]
    .filter(Boolean)
    .join(' ');
}

function sentence(tabs: readonly string[], did: string): string {
  if (!tabs.length) return '';
  const [first, ...others] = [...tabs].sort();
  const last = others.pop();
  return `${[first, ...others].join(', ')}${last ? ` and ${last}` : ''} ${did}.`;
}
