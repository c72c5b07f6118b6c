import { globSync, readFileSync } from 'node:fs';

const { version, dependencies, peerDependencies, exports } = JSON.parse(readFileSync('package.json', 'utf8'));
const packages = Object.keys({ ...dependencies, ...peerDependencies });
const entries = Object.values(exports).flatMap((entry) => entry.import?.default ?? []);

/**
 * `build/` is what tsc made of `src/`. `dist/` has the same files, each as an ES module and as CommonJS: an application
 * that imports less carries less.
 */
export default {
  input: entries.map((path) => path.replace('./dist/', 'build/')),
  external: (id) => packages.some((name) => id === name || id.startsWith(`${name}/`)),
  output: [
    { ...modules('js'), format: 'es' },
    // `default` as it is imported in Node: both formats then see the same axios.
    { ...modules('cjs'), format: 'cjs', interop: 'auto', exports: 'named' },
  ],
  plugins: [sources()],
  onwarn(warning) {
    throw new Error(warning.message);
  },
};

function modules(extension) {
  return {
    dir: 'dist',
    entryFileNames: `[name].${extension}`,
    preserveModules: true,
    preserveModulesRoot: 'build',
    sourcemap: true,
    plugins: [declarations(extension)],
  };
}

/** Reads what tsc made, with its source maps, and fills in the version of the package. */
function sources() {
  return {
    name: 'sources',
    load: (id) => ({
      // As long as what it replaces needs no new source map: nothing follows on that line.
      code: readFileSync(id, 'utf8').replace('__VERSION__', version),
      map: readFileSync(`${id}.map`, 'utf8'),
    }),
  };
}

/** Puts the declarations beside the modules, including those of files that hold types only. */
function declarations(extension) {
  return {
    name: 'declarations',
    generateBundle() {
      for (const file of globSync('**/*.d.ts', { cwd: 'build' })) {
        const source = readFileSync(`build/${file}`, 'utf8');
        const fileName = file.replace(/\.ts$/, extension === 'cjs' ? '.cts' : '.ts');
        this.emitFile({ type: 'asset', fileName, source: importing(source, extension) });
      }
    },
  };
}

/** A declaration file's relative imports with another extension. */
function importing(source, extension) {
  return source.replace(/((?:from |import\()['"]\.[^'"]+)\.js(['"])/g, `$1.${extension}$2`);
}
