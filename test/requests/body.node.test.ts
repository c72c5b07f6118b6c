import { describe, expect, it } from 'vitest';
import { RequestBody } from '../../src/requests/body.js';

const MIB = 2 ** 20;
const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (body: unknown) => new TextDecoder().decode(body as ArrayBuffer);

function form(): FormData {
  const form = new FormData();
  form.append('n', '1');
  form.append('n', '2');
  form.append('file', new File(['content'], 'a.txt'));
  return form;
}

/** React Native's FormData, which has no class name. */
class NativeFormData {
  _parts: [string, unknown][] | undefined = [];
  append(name: string, value: unknown) {
    this._parts!.push([name, value]);
  }
}

describe('a body', () => {
  it.each<[string, () => object]>([
    ['URLSearchParams', () => new URLSearchParams('n=1')],
    ['a FormData', form],
    ['an ArrayBuffer', () => bytes('one').buffer],
    ['a typed array', () => bytes('one')],
    ['a plain object', () => ({ n: 1 })],
  ])('of %s is first sent as it was given, and then as a copy', (_, make) => {
    const given = make();
    const body = new RequestBody(given);
    expect(body.replayable).toBe(true);
    expect(body.take()).toBe(given);
    const second = body.take();
    expect(second).not.toBe(given);
    expect(second).toEqual(given);
    expect(body.take()).toBe(second);
  });

  it.each<[string, unknown]>([
    ['text', 'text'],
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['a Blob', new Blob(['x'])],
    ['a File', new File(['x'], 'a.txt')],
  ])('of %s never changes, and needs no copy', (_, given) => {
    const body = new RequestBody(given);
    expect([body.replayable, body.take(), body.take()]).toEqual([true, given, given]);
    expect(body.take()).toBe(given);
  });

  it.each<[string, unknown]>([
    ['a stream of WHATWG', new ReadableStream()],
    ['a stream of Node', { pipe() {} }],
    ['an async iterable', { async *[Symbol.asyncIterator]() {} }],
    ['an object of a class', new (class Upload {})()],
    ['an object that cannot be cloned', { act() {} }],
    ['a form whose fields cannot be read', Object.assign(new NativeFormData(), { _parts: undefined })],
  ])('of %s can be sent only once', (_, given) => {
    const body = new RequestBody(given);
    body.keep();
    expect(body.replayable).toBe(false);
    expect(body.take()).toBe(given);
  });

  it('that has waited is sent as it was at the call, also the first time', () => {
    const given = new URLSearchParams('n=1');
    const body = new RequestBody(given);
    body.keep();
    given.set('n', '2');
    expect(String(body.take())).toBe('n=1');
    expect(String(body.take())).toBe('n=1');
  });

  it('that was sent before a wait is not copied afterwards', () => {
    const given = bytes('x'.repeat(MIB + 1));
    const body = new RequestBody(given);
    body.take();
    body.keep();
    expect(body.replayable).toBe(false);
  });
});

describe('bytes', () => {
  it('are copied up to 1 MiB', () => {
    expect(new RequestBody(new Uint8Array(MIB)).replayable).toBe(true);
    expect(new RequestBody(new Uint8Array(MIB + 1)).replayable).toBe(false);
    expect(new RequestBody(new ArrayBuffer(MIB + 1)).replayable).toBe(false);
  });

  it('of any size are copied before they wait', () => {
    const given = new Uint8Array(MIB + 1).fill(65);
    const body = new RequestBody(given);
    body.keep();
    given.fill(66);
    expect(body.replayable).toBe(true);
    expect((body.take() as Uint8Array)[MIB]).toBe(65);
    expect((body.take() as Uint8Array)[MIB]).toBe(65);
  });

  it.each<[string, (all: Uint8Array<ArrayBuffer>) => ArrayBuffer | ArrayBufferView]>([
    ['a buffer', (all) => all.buffer],
    ['a part of a buffer', (all) => all.subarray(1, 4)],
    ['a view of a part', (all) => new DataView(all.buffer, 1, 3)],
    ['a Buffer of Node', (all) => Buffer.from(all.buffer, 1, 3)],
  ])('that the caller changes after the call are sent unchanged: %s', (_, part) => {
    const all = bytes('[one]');
    const given = part(all);
    const body = new RequestBody(given);
    body.take();
    all.fill(0);
    const copy = body.take();
    expect(textOf(copy)).toBe(given instanceof ArrayBuffer ? '[one]' : 'one');
    expect(copy).toBeInstanceOf(given instanceof DataView ? Uint8Array : given.constructor);
  });
});

describe('a form', () => {
  it('is copied with its files, which are not read', () => {
    const given = form();
    const body = new RequestBody(given);
    body.take();
    given.set('n', 'changed');
    const copy = body.take() as FormData;
    expect(copy.getAll('n')).toEqual(['1', '2']);
    expect(copy.get('file')).toBe(given.get('file'));
  });

  it('of React Native is copied too', () => {
    const given = new NativeFormData();
    given.append('n', '1');
    const body = new RequestBody(given);
    body.take();
    given.append('n', '2');
    const copy = body.take() as NativeFormData;
    expect(copy).toBeInstanceOf(NativeFormData);
    expect(copy._parts).toEqual([['n', '1']]);
  });
});

describe('a body that only a custom adapter accepts', () => {
  it.each<[string, () => { items: { n: number }[] } | { n: number }[]]>([
    ['an object', () => ({ items: [{ n: 1 }] })],
    ['an array', () => [{ n: 1 }]],
    ['an object without a prototype', () => Object.assign(Object.create(null), { items: [{ n: 1 }] })],
  ])('is copied with everything in it: %s', (_, make) => {
    const given = make();
    const body = new RequestBody(given);
    body.take();
    (Array.isArray(given) ? given : given.items)[0]!.n = 2;
    expect(JSON.stringify(body.take())).toBe(JSON.stringify(make()));
  });
});
