const { existsSync } = require('node:fs');
const { join } = require('node:path');
const Sequencer = require('@jest/test-sequencer').default;

/**
 * The files that take longest though they are no large ones, the longest first. Jest goes by the durations that it
 * remembers; CI has none to remember, and by size these would come last, one worker waiting for the other.
 */
const longest = [
  'etl/landing-goldens.test.ts',
  'faults/matrix.test.ts',
  'etl/fhir/increments.test.ts',
  'holds/holds.test.ts',
  'etl/kill.test.ts',
  'etl/fhir/release.test.ts',
  'http/no-identifiers.test.ts',
  'access/matrix/who-sees-what.test.ts',
  'http/publish-loop.test.ts',
  'etl/damage.test.ts',
  'etl/twice.test.ts',
  'etl/vacuum.test.ts',
  'etl/cdc/flow.test.ts',
].map((name) => join(__dirname, '..', name));

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const gone = longest.find((path) => !existsSync(path));
    if (gone !== undefined) throw new Error(`${gone} is gone: change the list in ${__filename}`);
    const place = ({ path }) => (longest.includes(path) ? longest.indexOf(path) : longest.length);
    return super.sort(tests).sort((one, other) => place(one) - place(other));
  }
};
