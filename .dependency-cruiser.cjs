/** Arrows go down: apps to libs, kinds to the engine. */

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-app-imports-an-app',
      comment:
        'Apps meet on the wire only. The operator command is the exception: it works on the control plane’s database by the control plane’s code.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/cli/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'the-command-imports-the-control-plane-alone',
      severity: 'error',
      from: { path: '^apps/cli/' },
      to: { path: '^apps/', pathNot: '^apps/(cli|control-plane)/' },
    },
    {
      name: 'no-lib-imports-an-app',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^(apps|migrations|test|bench)/' },
    },
    {
      name: 'the-engine-knows-no-kind',
      comment: 'Kinds register themselves through dependency injection.',
      severity: 'error',
      from: { path: '^apps/control-plane/src/(documents|releases)/', pathNot: 'spec\\.ts$' },
      to: { path: '^apps/control-plane/src/kinds/' },
    },
    {
      name: 'libs-by-their-index',
      comment: 'A lib is what its index.ts exports.',
      severity: 'error',
      from: { path: '^(apps|test|bench|libs/([^/]+))/' },
      to: { path: '^libs/([^/]+)/', pathNot: ['^libs/[^/]+/index\\.ts$', '^libs/$2/'] },
    },
    {
      name: 'no-tests-in-production',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['(spec|contract)\\.ts$', '^libs/testing/', '/testing/', '/test/'] },
      to: { path: ['spec\\.ts$', '^libs/testing/', '^test/', '/testing/'] },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'declared-dependencies',
      comment: 'What runs in production stands in dependencies.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['(spec|contract)\\.ts$', '^libs/testing/', '/testing/', '/test/'] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
