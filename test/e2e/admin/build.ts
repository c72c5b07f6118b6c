import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { build } from 'vite';
import { writeSnippets } from '../../support/snippets.ts';

/** Texts to replace in the application's files, like a reader who chooses another snippet of the page. */
export type Changes = Record<string, Record<string, string>>;

/** Responds to requests for the built files. `undefined`: another path. */
export type Files = (pathname: string, accept: string) => Response | undefined;

const OWN_FILES = ['index.html', 'App.vue', 'toast.ts', 'note-sign-in.ts', 'views'];

/** Builds the application in this folder. Its session code is that of docs/admin-templates.md. */
export async function buildAdmin(changes: Changes = {}): Promise<Files> {
  // Inside the repository, to use its node_modules.
  const folder = mkdtempSync(join(import.meta.dirname, 'built-'));
  try {
    writePackage(folder);
    writeSnippets('docs/admin-templates.md', folder);
    for (const file of OWN_FILES)
      cpSync(join(import.meta.dirname, file), join(folder, file), { recursive: true });
    for (const [file, texts] of Object.entries(changes)) replaceIn(join(folder, file), texts);
    return serveFiles(await bundle(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function replaceIn(file: string, texts: Record<string, string>): void {
  let content = readFileSync(file, 'utf8');
  for (const [from, to] of Object.entries(texts)) {
    if (!content.includes(from)) throw new Error(`${file} has no ${from}`);
    content = content.replaceAll(from, to);
  }
  writeFileSync(file, content);
}

/** A separate package, because ours has `sideEffects: false`, but an application has side effects. */
function writePackage(folder: string): void {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(join(import.meta.dirname, '../../..'), join(folder, 'node_modules/unexpired'), 'junction');
}

type File = { fileName: string; code: string } | { fileName: string; source: string | Uint8Array };

async function bundle(root: string): Promise<File[]> {
  const result = await build({
    root,
    logLevel: 'warn',
    configFile: false,
    plugins: [vue()],
    build: { write: false, minify: false, modulePreload: false },
  });
  return (result as { output: File[] }).output;
}

const HTML = { 'Content-Type': 'text/html' };
const SCRIPT = { 'Content-Type': 'text/javascript' };

function serveFiles(files: File[]): Files {
  const contents = new Map(
    files.map((file) => [`/${file.fileName}`, String('code' in file ? file.code : file.source)]),
  );
  return (pathname, accept) => {
    const script = contents.get(pathname);
    if (script) return new Response(script, { headers: SCRIPT });
    // The router needs the same document for every page.
    return accept.includes('text/html')
      ? new Response(contents.get('/index.html')!, { headers: HTML })
      : undefined;
  };
}
