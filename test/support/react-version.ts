import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    react?: string;
  }
}

/** The major version that the project runs the tests with. */
export const REACT: string = inject('react') ?? '19';
