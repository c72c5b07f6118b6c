/** The parts of Next.js that examples/nextjs uses. Next.js is too large to install for it. */
declare module 'next/headers' {
  interface Options {
    httpOnly?: boolean;
    secure?: boolean;
    sameSite?: 'lax' | 'strict' | 'none';
    path?: string;
  }
  export function cookies(): Promise<{
    get(name: string): { name: string; value: string } | undefined;
    set(name: string, value: string, options?: Options): unknown;
    delete(options: Options & { name: string }): unknown;
  }>;
}

declare module 'next/navigation' {
  export function redirect(url: string): never;
}
