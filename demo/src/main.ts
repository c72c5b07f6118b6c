import { createApp } from 'vue';
import App from './App.vue';
import { askBackend, place, startBackend } from './backend';
import { logEvents } from './event-log';
import { navigate, route } from './route';
import { session } from './session';
import { recordSession } from './timeline/recorder';

await startBackend();
// A backend in the page starts with the page, so it does not know sessions from before a reload.
if (place === 'page') await session.signOut();
await session.ready;
const isSignedIn = session.status === 'signed-in';
if (isSignedIn === (route.value === '/login')) navigate(isSignedIn ? '/orders' : '/login');

recordSession(session);
logEvents(session);
session.subscribe(() => void askBackend());
createApp(App).mount('#app');
