/** One piece of work at a time; whoever asks while it is under way shares its outcome. */
export interface SingleFlight<T> {
  /** Joins the flight under way, or starts one. `signal` aborts once the flight has landed, however it did. */
  join(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Lands the flight for all who wait, whatever its work comes to later. Nothing happens where none is under way. */
  land(outcome: () => T | Promise<T>): void;
}

export function singleFlight<T>(): SingleFlight<T> {
  let current: { promise: Promise<T>; land(outcome: T | Promise<T>): void } | undefined;

  function start(work: (signal: AbortSignal) => Promise<T>) {
    const controller = new AbortController();
    let resolve!: (outcome: T | Promise<T>) => void;
    const promise = new Promise<T>((settle) => {
      resolve = settle;
    });
    promise.catch(() => {}); // nobody need wait for a refresh that was started ahead of time
    const flight = {
      promise,
      land(outcome: T | Promise<T>) {
        if (current === flight) current = undefined;
        resolve(outcome);
        controller.abort();
      },
    };
    current = flight;
    const done = work(controller.signal);
    done.then(flight.land, () => flight.land(done));
    return flight;
  }

  return {
    join: (work) => (current ?? start(work)).promise,
    land: (outcome) => current?.land(outcome()),
  };
}
