import { build } from 'vite';

const HTML = '<!doctype html><title>tab</title><script type="module" src="/app.js"></script>';

/** Serves a page with one script: a file bundled with its imports. */
export async function bundlePage(
  file: string,
  paths: readonly string[] = ['/'],
): Promise<(pathname: string) => Response | undefined> {
  const script = await (bundled[file] ??= bundle(file));
  return (pathname) => {
    if (paths.includes(pathname)) return new Response(HTML, { headers: { 'Content-Type': 'text/html' } });
    if (pathname !== '/app.js') return undefined;
    return new Response(script, { headers: { 'Content-Type': 'text/javascript' } });
  };
}

const bundled: Record<string, Promise<string>> = {};

async function bundle(file: string): Promise<string> {
  const result = await build({
    logLevel: 'warn',
    configFile: false,
    build: {
      write: false,
      minify: false,
      modulePreload: false,
      rolldownOptions: { input: file },
    },
  });
  return (result as { output: { code: string }[] }).output[0]!.code;
}
