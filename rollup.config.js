import { globSync, readFileSync } from 'node:fs';

const { version, dependencies, peerDependencies, exports } = JSON.parse(readFileSync('package.json', 'utf8'));
const packages = Object.keys({ ...dependencies, ...peerDependencies });
const entries = Object.values(exports).flatMap((entry) => entry.import?.default ?? []);

/**
 * tsc compiles `src/` to `build/`. `dist/` has the same files, each as an ES module and as CommonJS, so that an
 * application bundles only what it imports.
 */
export default {
  input: entries.map((path) => path.replace('./dist/', 'build/')),
  external: (id) => packages.some((name) => id === name || id.startsWith(`${name}/`)),
  output: [
    { ...modules('js'), format: 'es' },
    // Import `default` as Node does, so that both formats see the same axios.
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

/** Reads the output of tsc with its source maps, and inserts the version of the package. */
function sources() {
  return {
    name: 'sources',
    load: (id) => ({
      // The source map stays correct, because nothing follows the version on its line.
      code: readFileSync(id, 'utf8').replace('__VERSION__', version),
      map: readFileSync(`${id}.map`, 'utf8'),
    }),
  };
}

/** Copies the declarations next to the modules, including those of files that contain only types. */
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

/** Changes the extension of a declaration file's relative imports. */
function importing(source, extension) {
  return source.replace(/((?:from |import\()['"]\.[^'"]+)\.js(['"])/g, `$1.${extension}$2`);
}
