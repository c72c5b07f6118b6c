import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

interface Option {
  name: string;
  /** The type, as written in the source. */
  type: string;
  isOptional: boolean;
  docs: string;
}

/** The options in the interfaces that a file exports. The API reference and the editor show their comments. */
function optionsOf(file: string): Option[] {
  const source = readFileSync(join(root, file), 'utf8');
  const { program, comments } = parseSync(file, source);
  const found: Option[] = [];
  const docsBefore = (start: number) =>
    comments.find(({ end }) => end < start && source.slice(end, start).trim() === '')?.value ?? '';
  new Visitor({
    TSInterfaceDeclaration({ id, body }) {
      if (!/Options$|^Refused$/.test(id.name)) return;
      for (const member of body.body) {
        if (member.type !== 'TSPropertySignature' || member.key.type !== 'Identifier') continue;
        const { typeAnnotation } = member;
        found.push({
          name: `${file}: ${id.name}.${member.key.name}`,
          type: typeAnnotation ? source.slice(typeAnnotation.start + 1, typeAnnotation.end).trim() : '',
          isOptional: member.optional,
          docs: docsBefore(member.start),
        });
      }
    },
  }).visit(program);
  return found;
}

const options = globSync('src/**/*.ts', { cwd: root }).flatMap(optionsOf);
const names = (those: Option[]) => those.map(({ name }) => name);

it('the docs of each optional option name its default', () => {
  const optional = options.filter(({ isOptional }) => isOptional);
  expect(optional.length).toBeGreaterThan(90);
  expect(names(optional.filter(({ docs }) => !docs.includes('@default')))).toEqual([]);
});

it('the docs of each numeric option name its unit, or what it counts', () => {
  const numbers = options.filter(({ type }) => /^number\b/.test(type));
  expect(numbers.length).toBeGreaterThan(10);
  const units = /\bms\b|\bseconds?\b|\bcharacters\b|\bHow many\b/;
  expect(names(numbers.filter(({ docs }) => !units.test(docs)))).toEqual([]);
});
