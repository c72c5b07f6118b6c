import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    react?: string;
  }
}

/** The major React version of the project. */
export const REACT: string = inject('react') ?? '19';
