import { globSync, readFileSync } from 'node:fs';

const { dependencies, peerDependencies, exports } = JSON.parse(readFileSync('package.json', 'utf8'));
const packages = Object.keys({ ...dependencies, ...peerDependencies });
const entries = Object.values(exports).flatMap((entry) => entry.default ?? []);

/** `build/` is what tsc made of `src/`; `dist/` has the same files, so that who imports less carries less. */
export default {
  input: entries.map((path) => path.replace('./dist/', 'build/')),
  external: (id) => packages.some((name) => id === name || id.startsWith(`${name}/`)),
  output: { dir: 'dist', format: 'es', preserveModules: true, preserveModulesRoot: 'build', sourcemap: true },
  plugins: [sourceMaps(), declarations()],
  onwarn(warning) {
    throw new Error(warning.message);
  },
};

/** Follows the source maps of tsc down to `src/`. */
function sourceMaps() {
  return {
    name: 'source-maps',
    load: (id) => ({ code: readFileSync(id, 'utf8'), map: readFileSync(`${id}.map`, 'utf8') }),
  };
}

/** Lays the declarations beside the modules, those of types alone included. */
function declarations() {
  return {
    name: 'declarations',
    generateBundle() {
      for (const fileName of globSync('**/*.d.ts', { cwd: 'build' })) {
        this.emitFile({ type: 'asset', fileName, source: readFileSync(`build/${fileName}`, 'utf8') });
      }
    },
  };
}
