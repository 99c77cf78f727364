/** Swc turns the ES modules into CommonJS for the tests; types are checked by `npm run typecheck`. */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.[jt]s$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true },
        },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  // Loads modules of Node by `import()`, which a test can only do where it was compiled.
  transformIgnorePatterns: ['/node_modules/(?!@opentelemetry/otlp-exporter-base/)'],
  moduleNameMapper: {
    '^fast-check$': '<rootDir>/test/support/fixed-seed.cjs',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  globalSetup: '<rootDir>/test/support/run-begins.ts',
  globalTeardown: '<rootDir>/test/support/run-ends.ts',
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  setupFiles: ['reflect-metadata'],
  testTimeout: 120000,
  // The engine uses the other processor too, but much of a test is waiting for it.
  maxWorkers: 2,
};
