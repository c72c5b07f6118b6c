import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DefaultTheme } from 'vitepress';
import { ENTRIES } from '../../scripts/api/entries.ts';

type Titles = readonly [english: string, chinese: string];
type Guide = readonly [file: string, ...titles: Titles];

/** The guides by task, in the order of the sidebar. A guide is listed in a language as soon as it exists there. */
const GUIDES: readonly (readonly [Titles, readonly Guide[]])[] = [
  [
    ['Start', '开始'],
    [
      ['start', 'Try it in five minutes', '五分钟上手'],
      ['existing-app', 'Add it to an existing app', '加到现有的应用里'],
      ['vue', 'Vue', 'Vue'],
      ['admin-templates', 'Admin templates', '后台管理模板'],
      ['react', 'React', 'React'],
      ['axios', 'Plain axios', '只用 axios'],
      ['fetch', 'fetch, WebSocket, downloads', 'fetch、WebSocket、下载'],
      ['graphql', 'GraphQL', 'GraphQL'],
      ['libraries', 'Query, cache and retry libraries', '请求、缓存和重试库'],
      ['vue2', 'Vue 2.7', 'Vue 2.7'],
      ['migration', 'Migrate from other code', '从其他代码迁移'],
    ],
  ],
  [
    ['Your backend', '你的后端'],
    [
      ['backends', 'Choose a backend', '选择后端'],
      ['http-backend', 'Any protocol, by options', '用选项适配任意协议'],
      ['cookie-only', 'Tokens in cookies', 'token 放在 cookie 里'],
      ['fleet', 'Servers, rendering, Next.js', '服务器、服务端渲染、Next.js'],
    ],
  ],
  [
    ['Your users', '你的用户'],
    [
      ['stores', 'Where tokens live', 'token 存在哪里'],
      ['tabs', 'Several tabs', '多个标签页'],
      ['sign-out', 'Sign out', '登出'],
      ['idle', 'Sign out users who are away', '用户离开后自动登出'],
      ['step-up', 'Ask for a stronger sign-in (step-up)', '进一步验证身份（step-up）'],
    ],
  ],
  [
    ['Test and debug', '测试与排错'],
    [
      ['testing', 'Test your app', '测试你的应用'],
      ['troubleshooting', 'When something goes wrong', '出问题时'],
      ['signed-out', 'Why was I signed out?', '为什么被登出了'],
      ['security', 'Security', '安全'],
      ['environments', 'Supported versions', '支持的版本'],
    ],
  ],
  [
    ['Background', '背景'],
    [
      ['how-it-works', 'How it works', '工作原理'],
      ['compared', 'Compared with others', '与其他库比较'],
      ['performance', 'Performance', '性能'],
      ['architecture', 'Architecture', '架构'],
      ['mutation', 'Mutation tests', '变异测试'],
    ],
  ],
];

export function guides(language: 'en' | 'zh'): DefaultTheme.SidebarItem[] {
  const folder = language === 'en' ? '' : 'zh/';
  const exists = ([file]: Guide) =>
    existsSync(fileURLToPath(new URL(`../${folder}${file}.md`, import.meta.url)));
  const title = ([english, chinese]: Titles) => (language === 'en' ? english : chinese);
  const items = (group: readonly Guide[]) =>
    group.filter(exists).map(([file, ...titles]) => ({ text: title(titles), link: `/${folder}${file}` }));
  return GUIDES.map(([titles, group]) => ({ text: title(titles), items: items(group) })).filter(
    ({ items }) => items.length,
  );
}

export const reference: DefaultTheme.SidebarItem[] = [
  {
    text: 'API reference',
    link: '/api/',
    items: ENTRIES.map(({ name, page }) => ({ text: name, link: `/api/${page}` })),
  },
];
