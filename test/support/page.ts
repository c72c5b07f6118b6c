import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const FENCE = /^```(\S*)\n([\s\S]*?)^```$/gm;

/** The parts of a page that its translation must have too. */
export interface Outline {
  /** A word for each heading, list item, row of a table, block of code and paragraph, in the order of the page. */
  shape: string[];
  /** The code without comments and blank lines. Of a diagram, which has no language, the fence only. */
  blocks: string[];
  /** Paths from the root of the repository, or URLs of other sites, sorted. */
  links: string[];
  /** The names in backticks, sorted, without duplicates. */
  names: string[];
  /** The cells of tables that contain a number. */
  numbers: string[];
}

export function outlineOf(page: string): Outline {
  const text = read(page).replaceAll(/<!--[\s\S]*?-->/g, ''); // declarations for the compiler
  const prose = text.replaceAll(FENCE, '');
  const rows = [...prose.matchAll(/^\|.*\|$/gm)].flatMap(([row]) => cellsOf(row));
  const names = [...prose.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name.replaceAll(/\s+/g, ' '));
  return {
    shape: shapeOf(text.replaceAll(FENCE, '```$1')),
    blocks: [...text.matchAll(FENCE)].map(([, language = '', code = '']) => withoutComments(code, language)),
    links: linksOf(page).sort(),
    names: [...new Set(names)].sort(),
    numbers: rows.filter((cell) => /^[\d.,]+$/.test(cell)),
  };
}

/** The targets of a page's links. */
export function linksOf(page: string): string[] {
  const targets = read(page)
    .replaceAll(FENCE, '')
    .matchAll(/\]\(([^)\s]+)\)/g);
  return [...targets].map(([, target = '']) => {
    if (/^\w+:/.test(target)) return target;
    const [path, anchor] = target.split('#');
    const file = path ? relative(ROOT, join(ROOT, dirname(page), path)).replaceAll('\\', '/') : page;
    return anchor === undefined ? file : `${file}#${anchor}`;
  });
}

/** The anchors of the headings: `{#anchor}`, or else derived from the text as GitHub and VitePress do. */
export function anchorsOf(page: string): string[] {
  const headings = [
    ...read(page)
      .replaceAll(FENCE, '')
      .matchAll(/^#+ (.*)$/gm),
  ];
  return headings.map(([, heading = '']) => /\{#([\w-]+)\}$/.exec(heading)?.[1] ?? slugOf(heading));
}

const slugOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');

/** One word for each block. The lines of a paragraph count once, wherever the text wraps. */
function shapeOf(text: string): string[] {
  return text.split(/\n\s*\n/).flatMap((block) => {
    const lines = block.split('\n').map(wordFor);
    return lines.filter((word, index) => word && (word !== 'text' || index === 0));
  });
}

function wordFor(line: string): string {
  const [, mark] = /^\s*(#+ |[-*] |\d+\. |\||```\S*)/.exec(line) ?? [];
  if (mark === '|') return `row of ${cellsOf(line).length}`;
  return mark?.trim() || (line && 'text');
}

const cellsOf = (row: string) =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

function withoutComments(code: string, language: string): string {
  if (!language) return '';
  const comments = language === 'sh' ? /(?<=^|\s)#.*/gm : /(?<=^|\s)(?:\/\/.*|\/\*[\s\S]*?\*\/)/gm;
  const lines = code.replaceAll(comments, (comment) => (hasMeaning(comment) ? comment : '')).split('\n');
  return lines
    .map((line) => line.trimEnd())
    .filter(Boolean)
    .join('\n');
}

/** The name of a file, or a word of TypeScript. */
const hasMeaning = (comment: string) => /^\/\/ (@ts-\w+|[\w./-]+\.\w+)$/.test(comment);

function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}
