import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** `ts`, `tsx` and `js` blocks. A comment `<!-- context: … -->` before a block declares what it depends on. */
const SNIPPET =
  /(?:<!-- context:\s*([\s\S]*?)-->\s*)?```(tsx?|js)\n(?:\/\/ ([\w./-]+\.(?:tsx?|js))\n)?([\s\S]*?)```/g;

/** The pages for users. Those in docs/zh have the same code: test/package/chinese.test.ts compares it. */
export const PAGES: string[] = globSync(['README*.md', 'docs/*.md'], { cwd: ROOT });

/**
 * Writes the snippets of a page to a folder. If a snippet begins with its file name, the other snippets of its page
 * can import it. Returns their files.
 */
export function writeSnippets(page: string, folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  const snippets = [...readFileSync(join(ROOT, page), 'utf8').matchAll(SNIPPET)];
  return snippets.map(([, context = '', language, name = '', code = ''], index) => {
    const file = (name || `snippet-${index + 1}.${language}`).replaceAll('/', '-');
    writeFileSync(join(folder, file), `${context}\n${code}`);
    return file;
  });
}

/** The first block of a page in a language that is not compiled. */
export function blockOf(page: string, language: string): string {
  const block = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(
    readFileSync(join(ROOT, page), 'utf8'),
  );
  return block![1]!;
}
