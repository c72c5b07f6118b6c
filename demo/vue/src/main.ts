import { createSessionPlugin } from 'unexpired/vue';
import { createApp } from 'vue';
import App from './App.vue';
import { startBackend } from './backend';
import { router } from './router';
import { session } from './session';
import { pinia } from './stores/auth';
import './style.css';

await startBackend();
createApp(App).use(pinia).use(router).use(createSessionPlugin(session, { router })).mount('#app');
