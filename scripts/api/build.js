import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Application, Converter, LogLevel, ReflectionKind } from 'typedoc';
import { MarkdownPageEvent } from 'typedoc-plugin-markdown';
import { nameHeadings, rewriteLinks } from './anchors.js';
import { improve, undescribed } from './comments.js';
import { ENTRIES } from './entries.ts';
import { GROUPS, groupMembers, putFirst } from './groups.js';
import { tidy } from './tidy.js';

/** Makes the API reference from the comments in `src`: one page of `docs/api` for each import of the package. */
const OUT = 'docs/api';

const app = await Application.bootstrapWithPlugins({
  entryPoints: ENTRIES.map(({ source }) => source),
  tsconfig: 'tsconfig.json',
  // The types are checked by the TypeScript that compiles them.
  skipErrorChecking: true,
  logLevel: LogLevel.Warn,
  plugin: ['typedoc-plugin-markdown'],
  router: 'module',
  readme: 'none',
  entryFileName: 'index',
  excludeExternals: true,
  disableSources: true,
  sort: ['kind', 'required-first', 'source-order'],
  kindSortOrder: [
    'Function',
    'Class',
    'Interface',
    'TypeAlias',
    'Constructor',
    'Property',
    'Accessor',
    'Method',
  ],
  groupOrder: [...GROUPS, 'Functions', 'Classes', 'Interfaces', 'Constructors', 'Properties', 'Methods', '*'],
  preservedTypeAnnotationTags: ['@throws'],
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCustomAnchors: true,
  expandParameters: true,
  parametersFormat: 'table',
  expandObjects: true,
  pageTitleTemplates: {
    module: ({ rawName }) => ENTRIES.find(({ page }) => page === rawName).name,
  },
});

app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
  for (const module of project.children) {
    const file = project.getSymbolIdFromReflection(module).fileName.replaceAll('\\', '/');
    module.name = ENTRIES.find(({ source }) => file.endsWith(source)).page;
    if (module.name === 'core') groupMembers(project, module);
  }
  for (const reflection of Object.values(project.reflections)) {
    improve(reflection);
  }
});
app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => project.children.forEach(putFirst), -1_000);
const anchorsOf = new Map();
app.renderer.on(MarkdownPageEvent.END, (page) => {
  const anchors = new Map();
  anchorsOf.set(page.url.replace('.md', ''), anchors);
  const text = nameHeadings(tidy(page.contents), anchors);
  page.contents = `---\npageClass: api\neditLink: false\noutline: [2, 3]\n---\n\n${text}`;
});

const project = await app.convert();
if (!project) process.exit(1);
for (const option of undescribed(project.getReflectionsByKind(ReflectionKind.Interface)))
  app.logger.error(`${option} has no comment`);
rmSync(OUT, { recursive: true, force: true });
await app.outputs.writeOutput({ name: 'markdown', path: OUT }, project);
for (const { page } of ENTRIES) {
  const file = `${OUT}/${page}.md`;
  writeFileSync(file, rewriteLinks(readFileSync(file, 'utf8'), page, anchorsOf));
}
writeFileSync(`${OUT}/index.md`, overview());
if (app.logger.hasErrors()) process.exit(1);

function overview() {
  const rows = ENTRIES.map(({ name, page, about }) => `| [\`${name}\`](./${page}.md) | ${about} |`);
  return `---
editLink: false
---

# API reference

Each page is generated from the comments in the source, which your editor shows, too. Times are in milliseconds, unless a name or a comment
says otherwise. An invalid option throws a \`TypeError\` or a \`RangeError\` that names it.

| import | what it is for |
| --- | --- |
${rows.join('\n')}
`;
}
