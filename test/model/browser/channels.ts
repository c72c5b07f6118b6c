import { LOCAL, type World } from '../world.ts';

/** BroadcastChannel: the messages of one sender arrive in order, each in its own step. */
export class FakeChannels {
  readonly #world: World;
  readonly #open = new Set<FakeChannel>();

  constructor(world: World) {
    this.#world = world;
  }

  join(name: string): FakeChannel {
    const channel: FakeChannel = {
      name,
      tab: this.#world.current,
      onmessage: undefined,
      postMessage: (data) => this.#post(channel, data),
      close: () => void this.#open.delete(channel),
    };
    this.#open.add(channel);
    return channel;
  }

  close(tab: number): void {
    for (const channel of this.#open) if (channel.tab === tab) channel.close();
  }

  #post(from: FakeChannel, data: unknown): void {
    for (const to of this.#open) {
      if (to.name !== from.name || to === from) continue;
      const run = () => {
        if (this.#open.has(to)) to.onmessage?.({ data: structuredClone(data) });
      };
      const lane = `channel ${from.tab} ${to.tab}`;
      const label = `hears of tab ${from.tab}: ${(data as { type: string }).type}`;
      this.#world.enqueue({ tab: to.tab, lane, label, within: LOCAL, run });
    }
  }
}

export interface FakeChannel {
  name: string;
  tab: number | undefined;
  onmessage: ((event: { data: unknown }) => void) | undefined;
  postMessage(data: unknown): void;
  close(): void;
}
