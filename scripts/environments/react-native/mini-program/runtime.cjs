const { request } = require('node:http');

/** The globals that a mini program lacks: it has almost nothing of a browser. */
const ABSENT = [
  'AbortController',
  'AbortSignal',
  'Blob',
  'BroadcastChannel',
  'DOMException',
  'Event',
  'EventTarget',
];
const ABSENT_TOO = [
  'File',
  'FormData',
  'Headers',
  'ReadableStream',
  'Request',
  'Response',
  'URL',
  'URLSearchParams',
];
const AND = [
  'addEventListener',
  'document',
  'fetch',
  'indexedDB',
  'localStorage',
  'location',
  'navigator',
  'structuredClone',
];
for (const name of [...ABSENT, ...ABSENT_TOO, ...AND]) delete globalThis[name];

const items = new Map();

/** The part of its API that is used here. */
globalThis.wx = {
  getStorageSync: (key) => items.get(key) ?? '',
  setStorageSync: (key, value) => void items.set(key, value),
  removeStorageSync: (key) => void items.delete(key),
  request({ url, method = 'GET', header = {}, data, success, fail }) {
    const sent = request(url, { method, headers: header }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () =>
        success({ statusCode: answer.statusCode, header: answer.headers, data: parse(text) }),
      );
    });
    sent.on('error', (error) => fail({ errMsg: error.message }));
    sent.end(data);
  },
};

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
