import { type DefaultTheme, defineConfig } from 'vitepress';
import { guides, reference } from './guides.ts';
import { chineseLabels } from './labels.ts';
import { REPOSITORY, siteLinks } from './repository.ts';
import { search } from './search.ts';

/** The anchors that GitHub makes, so that a link to a heading works in both places. */
const slugify = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');

const english: DefaultTheme.Config = {
  nav: [
    { text: 'Guides', link: '/existing-app', activeMatch: '^/(?!api/|playground|zh/)[\\w-]+' },
    { text: 'API', link: '/api/', activeMatch: '/api/' },
    { text: 'Playground', link: '/playground' },
  ],
  sidebar: { '/': guides('en'), '/api/': reference },
  editLink: { pattern: `${REPOSITORY}/edit/main/docs/:path`, text: 'Edit this page' },
  // What is read aloud is what is shown.
  notFound: { linkLabel: 'Take me home' },
};

const chinese: DefaultTheme.Config = {
  nav: [
    { text: '指南', link: '/zh/existing-app', activeMatch: '^/zh/(?!playground)[\\w-]+' },
    { text: 'API', link: '/api/' },
    { text: '演练场', link: '/zh/playground' },
  ],
  sidebar: { '/zh/': guides('zh') },
  editLink: { pattern: `${REPOSITORY}/edit/main/docs/:path`, text: '编辑此页' },
  outline: { level: [2, 3], label: '本页目录' },
  docFooter: { prev: '上一篇', next: '下一篇' },
  darkModeSwitchLabel: '主题',
  lightModeSwitchTitle: '切换到浅色',
  darkModeSwitchTitle: '切换到深色',
  sidebarMenuLabel: '菜单',
  returnToTopLabel: '回到顶部',
  langMenuLabel: '切换语言',
  skipToContentLabel: '跳到正文',
  notFound: {
    title: '找不到这个页面',
    quote: '链接可能已经失效。',
    linkText: '回到首页',
    linkLabel: '回到首页',
  },
};

export default defineConfig({
  title: 'unexpired',
  description: 'Automatic token refresh for browser apps, for axios and fetch',
  /** For a site below a path: `DOCS_BASE=/unexpired/`. */
  base: process.env.DOCS_BASE ?? '/',
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${process.env.DOCS_BASE ?? '/'}logo.svg` }]],
  srcExclude: ['public/**'],
  locales: {
    root: { label: 'English', lang: 'en', themeConfig: english },
    zh: {
      label: '简体中文',
      lang: 'zh-CN',
      description: '浏览器应用的 token 自动刷新，支持 axios 和 fetch',
      themeConfig: chinese,
    },
  },
  themeConfig: {
    logo: '/logo.svg',
    outline: [2, 3],
    search,
    socialLinks: [{ icon: 'github', link: REPOSITORY }],
    externalLinkIcon: true,
    // The API reference is English only, so the language menu leads to the start page.
    i18nRouting: false,
  },
  markdown: {
    config(md) {
      siteLinks(md);
      chineseLabels(md);
    },
    anchor: { slugify },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
});
