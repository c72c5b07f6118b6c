import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { inChinese } from './chinese.js';
import { contenders } from './contenders/index.js';

const folder = fileURLToPath(new URL('results/', import.meta.url));
const file = `${folder}results.json`;

export function describeMachine() {
  const processors = cpus();
  return {
    processor: processors[0].model.trim(),
    cores: processors.length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${platform()} ${arch()}`,
    node: process.version,
  };
}

/** Prints the table, and saves it with the earlier results of other measures. */
export function report(name, title, rows, { machine, seconds }) {
  console.log(`\n${title} (${seconds} s)`);
  console.table(rows);
  const results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  results[name] = { title, date: new Date().toISOString().slice(0, 10), machine, versions: versions(), rows };
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(`${folder}results.md`, asMarkdown(results));
}

/** Writes the tables into the pages on performance, between the two comments. */
export function updateDocs() {
  const results = JSON.parse(readFileSync(file, 'utf8'));
  updatePage('../docs/performance.md', asMarkdown(results));
  updatePage('../docs/zh/performance.md', asMarkdown(results, inChinese));
}

function updatePage(path, tables) {
  const page = fileURLToPath(new URL(path, import.meta.url));
  const between = /(<!-- results -->\n)[\s\S]*(?=<!-- end of results -->)/;
  writeFileSync(
    page,
    readFileSync(page, 'utf8').replace(between, (_, start) => `${start}\n${tables}\n`),
  );
}

function asMarkdown(results, translate = (value) => value) {
  return Object.values(results)
    .map((result) => section(result, translate))
    .join('\n');
}

function versions() {
  const names = new Set(contenders.flatMap(({ packages }) => packages));
  return Object.fromEntries([...names].map((name) => [name, versionOf(name)]));
}

function versionOf(name) {
  const manifest = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}

function section({ title, date, machine, versions, rows }, translate) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [
    `## ${translate(title)}`,
    '',
    `${date}; ${Object.values(machine).join(', ')}; ${Object.entries(versions)
      .map((pair) => pair.join(' '))
      .join(', ')}`,
    '',
    line(columns.map(translate)),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map((column) => translate(row[column] ?? '')))),
    '',
  ].join('\n');
}
