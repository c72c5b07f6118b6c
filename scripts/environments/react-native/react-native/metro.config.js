const { readFileSync } = require('node:fs');

module.exports = {
  resetCache: true,
  maxWorkers: 1,
  resolver: { unstable_enablePackageExports: JSON.parse(readFileSync('reads-exports.json', 'utf8')) },
};
