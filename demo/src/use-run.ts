import { ref } from 'vue';
import { client, room } from './client';
import type { Run } from './run/run';
import type { Script, Variant } from './run/script';
import { showCounts, startRun } from './run/start-run';

/** Only one run at a time, because both use the same backends. */
export const isRunning = ref(false);

let current: Run | undefined;
client.watch((from, counts) => showCounts(current, from, counts));

/** The current run of one part of the page, and a function that starts a run. */
export function useRun() {
  const run = ref<Run>();

  async function start(script: Script, variant: Variant = 'copied'): Promise<void> {
    if (isRunning.value) return;
    isRunning.value = true;
    const started = startRun(script, variant, room);
    run.value = current = started.run;
    await started.finished.finally(() => {
      isRunning.value = false;
    });
  }

  return { run, start };
}
