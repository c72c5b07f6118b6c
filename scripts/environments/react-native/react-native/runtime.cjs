/** Removes the globals that React Native lacks, and replaces those that differ there. */
const ABSENT = ['BroadcastChannel', 'TextDecoder', 'URLSearchParams', 'addEventListener'];
const ABSENT_TOO = [
  'document',
  'indexedDB',
  'localStorage',
  'location',
  'process',
  'removeEventListener',
  'structuredClone',
];
const origin = process.env.ORIGIN;

const { URL: Standard } = globalThis;

class ReactNativeURL {
  constructor(url) {
    this.href = url.endsWith('/') ? url : `${url}/`;
  }
  get pathname() {
    return new Standard(this.href).pathname;
  }
}

new Response(''); // Node loads its own modules for it, which need these globals
const { exit } = process;
Object.assign(globalThis, { ORIGIN: origin, exit });
for (const name of [...ABSENT, ...ABSENT_TOO]) delete globalThis[name];
delete AbortSignal.any;
delete AbortSignal.timeout;
delete AbortSignal.prototype.throwIfAborted;
globalThis.window = globalThis;
globalThis.URL = ReactNativeURL;
Object.defineProperty(globalThis, 'navigator', { value: { product: 'ReactNative' } });
