import { readFileSync } from 'node:fs';

/**
 * Before a release: `node scripts/check-release.js v1.2.3 owner/name`. Fails unless the tag is the version of package.json and of the
 * lock, the changelog has a section for it, and package.json names the repository, which the provenance is checked against.
 */
const [tag = '', repository = ''] = process.argv.slice(2);
const { version, repository: source } = read('package.json');
const lock = read('package-lock.json');
const changelog = readFileSync('CHANGELOG.md', 'utf8');
const address = (typeof source === 'string' ? source : source?.url) ?? '';

const faults = [
  tag !== `v${version}` && `The tag is ${tag}, but package.json has the version ${version}`,
  lock.version !== version && `package-lock.json has the version ${lock.version}: run npm install`,
  !new RegExp(`^## ${version.replaceAll('.', '\\.')} - \\d{4}-\\d\\d-\\d\\d$`, 'm').test(changelog) &&
    `CHANGELOG.md has no section "## ${version} - YYYY-MM-DD"`,
  !`${address}`.replace(/\.git$/, '').endsWith(`/${repository}`) &&
    `"repository" in package.json must be the address of ${repository}: npm compares it with the provenance`,
].filter(Boolean);

for (const fault of faults) console.error(fault);
if (faults.length) process.exit(1);
console.log(`${tag} can be published`);

function read(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
