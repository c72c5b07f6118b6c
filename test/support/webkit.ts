import { findProgram, installDebian } from './programs.ts';

const DRIVER = { variable: 'WEBKIT_DRIVER', names: ['WebKitWebDriver'] };
const DISPLAY_SERVER = { names: ['Xvfb'] };

export interface WebKitPaths {
  driver: string;
  displayServer: string;
}

/**
 * The paths of WebKitGTK's WebDriver (`WEBKIT_DRIVER`, an installed one, or one that is installed now) and of Xvfb.
 * @throws {Error} with the remedy. Browser tests never pass without a browser.
 */
export function webkitPaths(): WebKitPaths {
  return find() ?? install() ?? fail();
}

function find(): WebKitPaths | undefined {
  const driver = findProgram(DRIVER);
  const displayServer = findProgram(DISPLAY_SERVER);
  return driver && displayServer ? { driver, displayServer } : undefined;
}

function install(): WebKitPaths | undefined {
  installDebian('webkit2gtk-driver', 'xvfb');
  return find();
}

function fail(): never {
  throw new Error(
    'The WebKit tests need WebKitWebDriver, which may be named in WEBKIT_DRIVER, and Xvfb: on Debian and Ubuntu ' +
      'install webkit2gtk-driver and xvfb',
  );
}
