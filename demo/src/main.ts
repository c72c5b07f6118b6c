import { createApp } from 'vue';
import type { BackendName } from '../backend/messages';
import { routeToBackends } from '../backend/route';
import App from './App.vue';
import { client } from './client';
import { tracerOf } from './run/start-run';

routeToBackends(client, (call) => tracerOf(call.to)?.onCall(call) ?? (() => {}));
/** For the console: the counters of a backend, e.g. `await playground.counts('unexpired')`. */
Object.assign(globalThis, { playground: { counts: (name: BackendName) => client.command(name, 'count') } });

createApp(App).mount('#app');
