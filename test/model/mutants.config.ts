import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { MUTANTS, type Mutant } from './mutants.ts';

/** Runs the model against each mutant of src. A model that finds no mutant proves nothing. */
export default defineConfig({
  // The cache of transformed files does not include the mutation.
  test: { projects: MUTANTS.map(project), fsModuleCache: false },
});

function project(mutant: Mutant): TestProjectInlineConfiguration {
  return {
    plugins: [{ name: 'mutant', enforce: 'pre', transform: (code, id) => mutate(mutant, code, id) }],
    test: {
      name: mutant.name,
      fsModuleCache: false,
      include: ['test/model/mutants.check.ts'],
      env: { MUTANT: mutant.name },
    },
  };
}

function mutate({ name, file, find, replace }: Mutant, code: string, id: string): string | undefined {
  if (!id.endsWith(`/${file}`)) return undefined;
  if (code.split(find).length !== 2)
    throw new Error(`"${name}": what it replaces must stand once in ${file}`);
  return `${code.replace(find, () => replace)}\nObject.assign(globalThis, { mutant: ${JSON.stringify(name)} });`;
}
