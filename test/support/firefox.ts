import { join } from 'node:path';
import { findProgram, installDebian } from './programs.ts';

const FIREFOX = {
  variable: 'FIREFOX_PATH',
  names: ['firefox', 'firefox-esr', 'firefox.exe'],
  places: [
    '/Applications/Firefox.app/Contents/MacOS/firefox',
    join(process.env.PROGRAMFILES ?? '', 'Mozilla Firefox/firefox.exe'),
  ],
};

/**
 * The path of a Firefox from Mozilla or Debian: `FIREFOX_PATH`, an installed one, or one that is installed now.
 * @throws {Error} with the remedy. Browser tests never pass without a browser.
 */
export function firefoxPath(): string {
  return findProgram(FIREFOX) ?? install() ?? fail();
}

function install(): string | undefined {
  installDebian('firefox-esr');
  return findProgram(FIREFOX);
}

function fail(): never {
  throw new Error('The Firefox tests need Firefox: install it, or name it in FIREFOX_PATH');
}
