import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { attempt, findProgram, installDebian } from './programs.ts';

/** Arguments that work in a container and on a desktop: no sandbox, no GPU, no background requests. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'msedge',
  'microsoft-edge',
];

const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  join(process.env.PROGRAMFILES ?? '', 'Google/Chrome/Application/chrome.exe'),
  join(process.env['PROGRAMFILES(X86)'] ?? '', 'Microsoft/Edge/Application/msedge.exe'),
];

/**
 * The path of a Chromium: `CHROMIUM_PATH`, an installed one, Playwright's own, or one that is installed now.
 * @throws {Error} with the remedy. Browser tests never pass without a browser.
 */
export function chromiumPath(): string {
  return find() ?? install() ?? fail();
}

/**
 * The path of a headless Chromium, if it is installed: it opens pages in a third of the time. Do not use it in tests of
 * several tabs that share localStorage: there, all tabs see each write at once. It also has no back/forward cache.
 */
export function headlessPath(): string {
  const path = chromiumPath();
  return findProgram({ names: ['chromium-headless-shell'] }) ?? path;
}

function find(): string | undefined {
  const places = [...PLACES, chromium.executablePath()];
  return findProgram({ variable: 'CHROMIUM_PATH', names: NAMES, places });
}

function install(): string | undefined {
  installDebian('chromium', 'chromium-headless-shell') || installDebian('chromium');
  return find() ?? installPlaywrights();
}

function installPlaywrights(): string | undefined {
  const command = join(import.meta.dirname, '../../node_modules/playwright-core/cli.js');
  attempt(process.execPath, [command, 'install', 'chromium']);
  return find();
}

function fail(): never {
  throw new Error('The browser tests need Chromium or Chrome: install one, or name it in CHROMIUM_PATH');
}
