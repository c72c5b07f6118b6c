import { parseSync } from 'oxc-parser';

/** Sections that repeat what the signature says. */
const DROPPED =
  /^(Type Parameters|Extends|Extended by|Inherited from|Overrides|Implementation of|Type Declaration)$/;
/** Headings that say nothing; the text below them stays. */
const BARE = /^(Properties|Methods|Constructors|Indexable|Union Members)$/;

/** Makes a page of typedoc-plugin-markdown shorter: a signature, what it means, its default, what it throws. */
export function tidy(markdown) {
  const text = markdown
    .replaceAll(/^\*\*\*$/gm, '')
    .replaceAll('`optional` ', '')
    .replaceAll(/^\[MDN Reference\].*$/gm, '');
  const [intro, ...sections] = text.split(/^(?=#{2,6} )/m);
  return `${[intro, ...sections.map(tidySection)]
    .join('')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}

function tidySection(section) {
  const [, marks, title, body] = /^(#+) (.*?)(?: \{#[^}]*\})?\n([\s\S]*)$/.exec(section) ?? [];
  if (title === undefined) return section;
  if (BARE.test(title)) return body;
  if (DROPPED.test(title)) return '';
  if (title === 'Parameters')
    return body.includes('| Description |') ? body.replaceAll('| `undefined` |', '| |') : '';
  if (title === 'Returns') return returned(body) ? `**Returns** ${returned(body)}\n\n` : '';
  // A member of a union is shown like a signature.
  if (title === 'Type Literal') return body.replace(/^\s*/, '> ');
  if (title === 'Type Aliases') return section.replace(title, 'Types');
  if (title === 'Default') return `**Default:** ${asCode(body.trim())}\n\n`;
  if (title === 'Throws') return `**Throws** ${body.trim()}\n\n`;
  if (marks.length === 6) return fieldOf(title, body);
  // The heading between these and their member was removed.
  return marks.length > 4 ? section.slice(1) : section;
}

/** A field of an object that an option takes. The signature of the option has its type. */
function fieldOf(title, body) {
  const words = body.replace(/^\s*>.*$/m, '').trim();
  return words ? `- \`${title.replaceAll('\\', '')}\`: ${words.replaceAll(/\s+/g, ' ')}\n\n` : '';
}

/** Returns only the comment, because the signature has the type: the first paragraph with words outside of code and links. */
function returned(body) {
  const isProse = (paragraph) =>
    /[a-z]{2,},? [a-z]{2,}/.test(paragraph.replaceAll(/`[^`]*`|\[[^\]]*\]\([^)]*\)/g, ''));
  return body.trim().split(/\n\n+/).find(isProse);
}

/** Formats a default, which is an expression or plain words. */
function asCode(text) {
  const code = /^`{1,3}(?:ts\n)?([^`]*?)\n?`{1,3}$/.exec(text)?.[1] ?? text;
  const isWord = /^[a-z]+$/.test(code) && !/^(true|false|undefined|null)$/.test(code);
  const isExpression = !isWord && !parseSync('default.ts', `(${code})`).errors.length;
  return isExpression ? `\`${code}\`` : code;
}
