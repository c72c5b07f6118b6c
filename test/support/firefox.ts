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
 * The path of a Firefox as Mozilla or Debian make it: `FIREFOX_PATH`, one that is installed, or one that is installed now.
 * @throws {Error} saying what to do. Browser tests never pass for want of a browser.
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
