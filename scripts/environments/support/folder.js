import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProgram } from './program.js';

const INSTALL = [
  'install',
  '--no-audit',
  '--no-fund',
  '--no-package-lock',
  '--prefer-offline',
  '--ignore-scripts',
];

/** An application in its own folder. */
export function createFolder(path, { packages, fixture }, tarball) {
  const programs = [];
  const within = (...names) => join(path, ...names);
  mkdirSync(path, { recursive: true });
  if (existsSync(fixture)) cpSync(fixture, path, { recursive: true });
  if (!existsSync(within('package.json'))) writeFileSync(within('package.json'), '{ "private": true }\n');

  /** Starts a command of the installed packages, or a command given as a path. */
  function start(command, args, options = {}) {
    const bin = within('node_modules/.bin', command);
    const program = startProgram(existsSync(bin) ? bin : command, args, { cwd: path, ...options });
    programs.push(program);
    return program;
  }

  return {
    path,
    within,
    start,
    read: (file) => readFileSync(within(file), 'utf8'),
    write: (file, text) => writeFileSync(within(file), text),
    /** Runs a command to its end. Returns its output; throws if it fails. */
    run: (command, args, options) => start(command, args, options).ended,
    async install() {
      const pinned = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
      await start('npm', [...INSTALL, tarball, ...pinned]).ended;
    },
    /** Puts another application in the place of this one. The installed packages stay. */
    replaceBy(application) {
      for (const name of readdirSync(path))
        if (name !== 'node_modules' && name !== 'package.json') rmSync(within(name), { recursive: true });
      cpSync(application, path, { recursive: true });
    },
    /** The output of everything that was started. */
    logs: () => programs.map(({ output }) => output).join('\n'),
    /** Ends everything that still runs. */
    end: () => Promise.all(programs.map((program) => program.stop())),
  };
}
