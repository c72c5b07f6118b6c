/** What is being done, so that who waits knows; gone from the screen when the table comes. */
export function progress(what) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`);
}
