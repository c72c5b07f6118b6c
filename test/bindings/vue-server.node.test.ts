import { expect, it } from 'vitest';
import { createSSRApp, defineComponent, h } from 'vue';
import { renderToString } from 'vue/server-renderer';
import { createSessionPlugin, useSession } from '../../src/bindings/vue.js';
import { createApp } from '../support/app.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const Page = defineComponent(() => {
  const { status, claims } = useSession();
  return () => h('p', `${status.value} ${claims.value?.sub ?? ''}`);
});

it('renders on a server with one session per request, and touches no global', async () => {
  await renderToString(createSSRApp(() => h('p'))); // Vue sets some globals itself
  const globals = Object.getOwnPropertyNames(globalThis).length;
  const render = async (subject?: string) => {
    const { session } = createApp();
    if (subject) await session.signIn({ accessToken: `e30.${btoa(JSON.stringify({ sub: subject }))}.x` });
    return renderToString(createSSRApp(Page).use(createSessionPlugin(session)));
  };
  expect(await Promise.all([render('kevin'), render(), render('ann')])).toEqual([
    '<p>signed-in kevin</p>',
    '<p>signed-out </p>',
    '<p>signed-in ann</p>',
  ]);
  expect(Object.getOwnPropertyNames(globalThis)).toHaveLength(globals);
});
