import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import PlaygroundFrame from './PlaygroundFrame.vue';
import SiteLayout from './SiteLayout.vue';
import './style.css';

export default {
  extends: DefaultTheme,
  Layout: SiteLayout,
  enhanceApp({ app }) {
    app.component('PlaygroundFrame', PlaygroundFrame);
  },
} satisfies Theme;
