import { createSessionPlugin } from 'unexpired/vue';
import { createApp } from 'vue';
import { connect } from '../backend/connect';
import { routeToBackends } from '../backend/route';
import { room } from './place';

routeToBackends(connect(room));
// Imported only now, because the session asks its backend as soon as it exists.
const [{ default: App }, { session }, { reportToPlayground }] = await Promise.all([
  import('./TabApp.vue'),
  import('./session'),
  import('./report'),
]);
reportToPlayground();
createApp(App).use(createSessionPlugin(session)).mount('#app');
