import { globSync, readFileSync } from 'node:fs';
import data from '@mdn/browser-compat-data' with { type: 'json' };
import { parseSync } from 'oxc-parser';

/**
 * Finds the oldest browsers that can run the built files, and compares them with the README. It looks up the syntax
 * and the globals of the files in MDN's compatibility data.
 */
const FILES = globSync(['dist/**/*.js', 'node_modules/jwt-decode/build/esm/*.js'], {
  exclude: ['dist/testing/**'],
});
const BROWSERS = { chrome: 'Chrome', firefox: 'Firefox', safari: 'Safari', nodejs: 'Node.js' };

/** Used only if they exist, or if an application asks for them. */
const OPTIONAL = new Set([
  ...['BroadcastChannel', 'indexedDB', 'localStorage', 'sessionStorage', '.locks'],
  ...['document', 'location', 'navigator', 'addEventListener', 'removeEventListener'],
]);

const { builtins, classes, grammar, operators, regular_expressions: regexps, statements } = data.javascript;
const { DisposableStack, AsyncDisposableStack, ...common } = builtins;
const { AbortController, AbortSignal, Blob, Document, Event, EventTarget, FormData, Headers } = data.api;
const { Location, Navigator, ReadableStream, Request, Response, URL, URLSearchParams } = data.api;
/** Types whose methods and properties are looked up by name only. */
const TYPES = [
  ...Object.values(common),
  ...[AbortController, AbortSignal, Blob, Document, Event, EventTarget, FormData, Headers],
  ...[Location, Navigator, ReadableStream, Request, Response, URL, URLSearchParams],
];

const SYNTAX = {
  AwaitExpression: () => operators.await,
  BinaryExpression: ({ left, operator }) =>
    left.type === 'PrivateIdentifier'
      ? classes.private_class_fields_in
      : operator === '**' && operators.exponentiation,
  CatchClause: ({ param }) => !param && statements.try_catch.optional_catch_binding,
  ChainExpression: () => operators.optional_chaining,
  ExportNamedDeclaration: () => statements.export,
  ForOfStatement: ({ await: isAsync }) => isAsync && statements.for_await_of,
  FunctionExpression: ({ async, generator }) => async && generator && operators.async_generator_function,
  ImportDeclaration: () => statements.import,
  ImportExpression: () => operators.import,
  Literal: literal,
  LogicalExpression: ({ operator }) => operator === '??' && operators.nullish_coalescing,
  AssignmentExpression: ({ operator }) =>
    ({
      '??=': operators.nullish_coalescing_assignment,
      '||=': operators.logical_or_assignment,
      '&&=': operators.logical_and_assignment,
    })[operator],
  MethodDefinition: ({ key }) => isPrivate(key) && classes.private_class_methods,
  PropertyDefinition: ({ key }) =>
    isPrivate(key) ? classes.private_class_fields : classes.public_class_fields,
  SpreadElement: (_, parent) =>
    parent.type === 'ObjectExpression' && operators.object_initializer.spread_properties,
  StaticBlock: () => classes.static.initialization_blocks,
};

const programs = FILES.map((file) => [file, parseSync(file, readFileSync(file, 'utf8')).program]);
/** Properties and methods that the files define themselves. Platform types may have members of the same name. */
const members = new Set();
for (const [, program] of programs) walk(program, undefined, declareMember);
const needs = new Map();
for (const [file, program] of programs) inspect(file, program);
const oldest = Object.keys(BROWSERS).map(oldestOf);
console.table(oldest);
const [node] = oldest.splice(-1);
const found = oldest.map(({ name, version }) => `${name} ${version}`).join(', ');
expect('README.md', found);
expect('docs/environments.md', `| ${found} and later |`);
const oldestNode = node.version.replace(/[.0]*$/, '');
expect('package.json', `"node": ">=${oldestNode}"`);
expect('docs/environments.md', `| Node | ${oldestNode} and later |`);

function expect(file, text) {
  if (readFileSync(file, 'utf8').includes(text)) return;
  console.error(`${file} must say what was found here: ${text}`);
  process.exitCode = 1;
}

function inspect(file, program) {
  const own = new Set();
  walk(program, undefined, (node) => declare(node, own));
  walk(program, undefined, (node, parent) => {
    need(SYNTAX[node.type]?.(node, parent), `${node.type} in ${file}`);
    if (node.type === 'Identifier' && isReference(node, parent)) needGlobal(node.name, own, file);
    if (node.type === 'MemberExpression' && !node.computed) needMember(node, own, file);
  });
}

function walk(node, parent, visit) {
  visit(node, parent);
  for (const value of Object.values(node)) {
    for (const child of [value].flat()) if (typeof child?.type === 'string') walk(child, node, visit);
  }
}

/** The file's own variables. */
function declare(node, own) {
  if (node.type === 'VariableDeclarator') names(node.id, own);
  if (node.params) for (const param of node.params) names(param, own);
  if (node.type === 'CatchClause' && node.param) names(node.param, own);
  if (/^Import\w*Specifier$/.test(node.type)) own.add(node.local.name);
  if (/^(Function|Class)Declaration$/.test(node.type)) own.add(node.id.name);
}

function declareMember({ type, key }) {
  if (/^(Property|MethodDefinition|PropertyDefinition)$/.test(type)) members.add(key.name);
}

function names(pattern, own) {
  walk(pattern, undefined, (node) => node.type === 'Identifier' && own.add(node.name));
}

function isReference(node, parent) {
  const isName = parent.type === 'MemberExpression' && parent.property === node && !parent.computed;
  const isKey = parent.key === node && !parent.computed && !parent.shorthand;
  return !isName && !isKey;
}

function needGlobal(name, own, file) {
  if (!own.has(name)) need(globalOf(name), `${name} in ${file}`, name);
}

function globalOf(name) {
  return (
    builtins[name] ??
    data.api[name] ??
    data.api[`${name}_function`] ??
    data.api.Window[name] ??
    builtins.globals?.[name]
  );
}

function needMember({ object, property }, own, file) {
  const { name } = property;
  if (property.type === 'PrivateIdentifier') return;
  if (object.name === 'globalThis') return needGlobal(name, new Set(), file);
  const type = object.type === 'Identifier' && !own.has(object.name) && globalOf(object.name);
  const feature = type ? (type[`${name}_static`] ?? type[name]) : !members.has(name) && oldestMember(name);
  need(feature, `.${name} in ${file}`, `.${name}`);
}

/** Without types, the owner of a member is unknown: use the first type that had a member of this name. */
function oldestMember(name) {
  const found = TYPES.map((type) => type[name]).filter((member) => member?.__compat);
  return found.sort((a, b) => compare(versionIn('chrome', a) ?? '999', versionIn('chrome', b) ?? '999'))[0];
}

function need(feature, because, name) {
  if (feature?.__compat && !OPTIONAL.has(name)) needs.set(because, feature);
}

function oldestOf(browser) {
  const found = [...needs]
    .map(([because, feature]) => ({ version: versionIn(browser, feature), because }))
    .filter(({ version }) => version !== undefined)
    .reduce((a, b) => (compare(b.version, a.version) > 0 ? b : a));
  return { name: BROWSERS[browser], ...found };
}

/** The version since which a browser supports it without a flag or a prefix; `undefined` if it never did. */
function versionIn(browser, feature) {
  const support = [feature.__compat.support[browser] ?? []].flat();
  const [plain] = support.filter(
    ({ flags, prefix, version_removed }) => !flags && !prefix && !version_removed,
  );
  const version = plain?.version_added;
  return typeof version === 'string' ? version.replace('≤', '') : undefined;
}

function compare(a, b) {
  return a.localeCompare(b, 'en', { numeric: true });
}

function isPrivate(key) {
  return key.type === 'PrivateIdentifier';
}

function literal({ raw, regex, bigint, value }) {
  if (bigint) return builtins.BigInt;
  if (typeof value === 'number' && raw.includes('_')) return grammar.numeric_separators;
  if (regex && /\(\?<[=!]/.test(regex.pattern)) return regexps.lookbehind_assertion;
  return regex && /\(\?<\w/.test(regex.pattern) && regexps.named_capturing_group;
}
