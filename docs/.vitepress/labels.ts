import type { MarkdownRenderer } from 'vitepress';

interface Environment {
  relativePath?: string;
}

/** Labels that VitePress writes in English on pages of every language. */
export function chineseLabels(md: MarkdownRenderer): void {
  md.core.ruler.push('chinese-labels', ({ tokens, env }) => {
    if (!isChinese(env)) return;
    for (const { type, children } of tokens) {
      if (type !== 'inline') continue;
      const label = children?.find((child) => child.attrGet('class') === 'header-anchor');
      const title = children?.map(({ content, type }) => (/^(text|code_inline)$/.test(type) ? content : ''));
      label?.attrSet('aria-label', `“${title?.join('').trim()}”的链接`);
    }
  });
  const { fence } = md.renderer.rules;
  md.renderer.rules.fence = (...args) => {
    const html = fence?.(...args) ?? '';
    return isChinese(args[3]) ? html.replace('title="Copy Code"', 'title="复制代码"') : html;
  };
}

function isChinese({ relativePath = '' }: Environment): boolean {
  return relativePath.startsWith('zh/');
}
