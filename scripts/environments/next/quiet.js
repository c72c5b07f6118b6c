/** A message that Next.js prints if CI has no cache for it. */
const ITS_OWN = /No build cache found/;

/** Throws if there is a warning or an error in the output of Next.js. */
export function assertQuiet(output) {
  const complaints = output
    .split('\n')
    .filter((line) => /warn|error|⚠|⨯|unexpired:/i.test(line) && !ITS_OWN.test(line));
  if (complaints.length) throw new Error(`Something is in the log:\n${complaints.join('\n')}`);
}
