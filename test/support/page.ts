import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const FENCE = /^```(\S*)\n([\s\S]*?)^```$/gm;

/** What two pages with the same content in two languages have in common. */
export interface Outline {
  /** Without comments and blank lines. */
  blocks: string[];
  /** The level of each heading. */
  headings: number[];
  /** From the root of the repository, sorted. */
  links: string[];
  /** The names in backticks, sorted, each once. */
  names: string[];
  /** The number of cells of each row. */
  rows: number[];
  /** The cells that are a number, row by row. */
  numbers: string[];
}

export function outlineOf(page: string): Outline {
  const text = read(page).replaceAll(/<!--[\s\S]*?-->/g, ''); // declarations for the compiler
  const prose = text.replaceAll(FENCE, '');
  const rows = [...prose.matchAll(/^\| .*\|$/gm)].map(([row]) => row.split('|').map((cell) => cell.trim()));
  const names = [...prose.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name.replaceAll(/\s+/g, ' '));
  return {
    blocks: [...text.matchAll(FENCE)].map(([, language = '', code = '']) => withoutComments(code, language)),
    headings: [...prose.matchAll(/^#+(?= )/gm)].map(([marks]) => marks.length),
    links: linksOf(page).sort(),
    names: [...new Set(names)].sort(),
    rows: rows.map((cells) => cells.length - 2),
    numbers: rows.flat().filter((cell) => /^[\d.,]+$/.test(cell)),
  };
}

/** Where the links of a page lead. Addresses of other sites are as they are. */
export function linksOf(page: string): string[] {
  const targets = [...read(page).replaceAll(FENCE, '').matchAll(/\]\(([^)\s]+)\)/g)];
  return targets.map(([, target = '']) => {
    if (/^\w+:/.test(target)) return target;
    const [path = '', anchor] = target.split('#');
    const file = path ? relative(ROOT, join(ROOT, dirname(page), path)) : page;
    return anchor === undefined ? file : `${file}#${anchor}`;
  });
}

/** The anchors of a page's headings: `{#anchor}`, or else the text as GitHub and VitePress write it. */
export function anchorsOf(page: string): string[] {
  const headings = [...read(page).replaceAll(FENCE, '').matchAll(/^#+ (.*)$/gm)];
  return headings.map(([, heading = '']) => {
    const own = /\{#([\w-]+)\}$/.exec(heading)?.[1];
    return own ?? heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s-]/gu, '').replaceAll(/\s/g, '-');
  });
}

function withoutComments(code: string, language: string): string {
  const comments = language === 'sh' ? /(?<=^|\s)#.*/gm : /(?<=^|\s)(?:\/\/.*|\/\*[\s\S]*?\*\/)/gm;
  const lines = code.replaceAll(comments, (comment) => (isNeeded(comment) ? comment : '')).split('\n');
  return [language, ...lines.map((line) => line.trimEnd()).filter(Boolean)].join('\n');
}

/** The name of a file, or a word to TypeScript. */
const isNeeded = (comment: string) => /^\/\/ (@ts-\w+|[\w./-]+\.\w+)$/.test(comment);

function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}
