'use strict';
// fast-check as the tests get it: from one seed, so that a run is the same everywhere, and from a new one with
// MAPLEWOOD_TEST_FULL=1. What fails prints its seed either way.
const fc = require('../../node_modules/fast-check/lib/cjs/fast-check.js');

if (process.env.MAPLEWOOD_TEST_FULL !== '1')
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20_230_630 });

module.exports = fc;
