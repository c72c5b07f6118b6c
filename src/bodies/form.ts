import { classOf } from './class-of.js';

interface Form {
  /** Absent in the package form-data. */
  entries?(): Iterable<[string, unknown]>;
  /** React Native's FormData is a plain class, and its `entries` returns no fields. */
  _parts?: Iterable<[string, unknown]>;
}

/** The fields of a `FormData`; `undefined` if the value is none. */
export function fieldsOf(value: unknown): Iterable<[string, unknown]> | undefined {
  const form = value as Form | null | undefined;
  return form?._parts ?? (classOf(form) === 'FormData' ? form!.entries?.() : undefined);
}
