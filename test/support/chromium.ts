import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { attempt, findProgram, installDebian } from './programs.ts';

/** Started by hand in a container as well as on a desk: no sandbox, no GPU, no calls home. */
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
 * The path of a Chromium: `CHROMIUM_PATH`, one that is installed, Playwright's own, or one that is installed now.
 * @throws {Error} saying what to do. Browser tests never pass for want of a browser.
 */
export function chromiumPath(): string {
  return find() ?? install() ?? fail();
}

/**
 * The path of one without windows, where it is installed: its pages open in half the time. Not for tests of several tabs, as
 * those share a process there, and with it one view of localStorage; nor does it put pages away into a back/forward cache.
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
