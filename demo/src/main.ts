import { createApp } from 'vue';
import { routeToBackends } from '../backend/route';
import App from './App.vue';
import { client } from './client';
import { tracerOf } from './run/run';

routeToBackends(client, (call) => tracerOf(call.to)?.onCall(call) ?? (() => {}));
createApp(App).mount('#app');
