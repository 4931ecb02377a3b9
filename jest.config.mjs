const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest'] },
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^#(audience|contracts|eventlog|foreign-database|graphql|http-server|json-schema|layouts|live-config|metrics|migrations|outbound|patterns|processes|rich-text|runtime|tasks|testing|time-zones|traffic|visibility)$':
      '<rootDir>/libs/$1/index.ts',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.paddock/'],
  setupFilesAfterEnv: ['<rootDir>/libs/testing/jest-setup.ts'],
};

/** @type {import('jest').Config} */
export default {
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/{apps,bench,libs,scripts,test}/**/*.spec.ts'] },
    { ...common, displayName: 'integration', testMatch: ['<rootDir>/{apps,libs}/**/*.int-spec.ts'] },
    { ...common, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.e2e-spec.ts'] },
    { ...common, displayName: 'security', testMatch: ['<rootDir>/test/security/**/*.e2e-spec.ts'] },
    { ...common, displayName: 'hazards', testMatch: ['<rootDir>/test/e2e/**/*.hazard-spec.ts'] },
  ],
};
