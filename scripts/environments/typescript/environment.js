/** TypeScript 7 has no node10 any more; TypeScript 6 needs an option that accepts its deprecation. */
const versions = { '5.0': '5.0.4', 5.4: '5.4.5', 5.9: '5.9.3', 6: '6.0.3', 7: '7.0.2' };

const RESOLUTIONS = {
  bundler: { module: 'ESNext', moduleResolution: 'Bundler' },
  node16: { module: 'Node16', moduleResolution: 'Node16' },
  node10: { module: 'CommonJS', moduleResolution: 'node10' },
};

const OPTIONS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  target: 'ES2022',
  lib: ['ES2022', 'DOM', 'DOM.Iterable'],
  types: [],
  skipLibCheck: false,
};

const PACKAGES = {
  '@types/react': '19.3.0',
  axios: '1.21.1',
  react: '19.3.1',
};

export default Object.fromEntries(
  Object.entries(versions).map(([name, version]) => [
    `typescript-${name}`,
    {
      packages: { ...PACKAGES, typescript: version, ...versionsFor(Number(name)) },
      check: (folder) => compileEverywhere(folder, Number(name)),
    },
  ]),
);

/** Newer versions have types that need a newer compiler. */
function versionsFor(version) {
  return {
    msw: version >= 5.9 ? '3.0.5' : '2.15.0',
    vue: version >= 5.4 ? '3.5.45' : '3.3.13',
  };
}

async function compileEverywhere(folder, version) {
  for (const [name, resolution] of Object.entries(RESOLUTIONS)) {
    if (name === 'node10' && version >= 7) continue;
    const silence = name === 'node10' && version >= 6 ? { ignoreDeprecations: '6.0' } : {};
    const options = { ...OPTIONS, ...resolution, ...silence };
    // A CommonJS file and an ES module, because node16 finds other files for each.
    const files = name === 'node16' ? ['app.mts', 'app.cts'] : ['app.ts'];
    for (const file of files) folder.write(file, folder.read('application.txt'));
    await compile(folder, options, files);
    // The project of the test checks the types of msw, but not with these options.
    if (version >= 5.9) await compile(folder, { ...options, skipLibCheck: true }, ['testing.ts']);
  }
}

async function compile(folder, compilerOptions, files) {
  folder.write('tsconfig.json', JSON.stringify({ compilerOptions, files }));
  await folder.run('tsc', ['-p', 'tsconfig.json']);
}
