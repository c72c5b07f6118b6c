import { readFileSync } from 'node:fs';

/** A line of the list: "- `code` → `the code after the mutation`: the reason", below a heading with the file. */
const ENTRY = /^- (`+) ?(.+?) ?\1 → (`+) ?(.+?) ?\3:/;
const HEADING = /^#+ `?(src\/[\w./-]+)`?$/;

/** The labels of the survivors that a page explains. */
export function readSurvivors(page) {
  const labels = new Set();
  let file;
  for (const line of page.split('\n')) {
    file = HEADING.exec(line)?.[1] ?? file;
    const [, , before, , after] = ENTRY.exec(line) ?? [];
    if (before) labels.add(label(file, before, after));
  }
  return labels;
}

/** Identifies a mutant by its code, because line numbers change too often. */
export function labelOf({ fileName, location: { start, end }, replacement }) {
  const lines = readFileSync(fileName, 'utf8').split('\n');
  const [first, last] = [lines[start.line - 1], lines[end.line - 1]];
  const more = start.line === end.line ? '' : ' …';
  const after = first.slice(0, start.column - 1) + replacement + last.slice(end.column - 1);
  return label(fileName.slice(fileName.lastIndexOf('src/')), first + more, after);
}

function label(file, before, after) {
  const plain = (code) => code.replaceAll(/\s+/g, ' ').trim();
  return `${file}: ${plain(before)} → ${plain(after)}`;
}
