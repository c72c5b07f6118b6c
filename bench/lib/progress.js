/** Shows the current step in the terminal; each step replaces the one before. */
export function progress(what) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`);
}
