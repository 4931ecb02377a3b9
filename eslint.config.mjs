import tseslint from 'typescript-eslint';

const environmentOnlyInSettings = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Settings are read once, at boot: main.ts and worker.ts hand process.env to settings.ts.',
};

export default tseslint.config(
  { ignores: ['dist*/', 'node_modules/', '.paddock/', 'coverage/', '**/*.d.ts'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylistic],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      // `== null` means null and undefined, which GraphQL's optional inputs may both be.
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', environmentOnlyInSettings],
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { arguments: false, attributes: false } },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // Nest reads the types of constructor parameters and decorated members at run time; the rule knows and leaves them alone.
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // Modules and injection tokens are classes without members by nature.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // A number or a flag in a text is what it looks like. `undefined` is allowed: most places where it could stand are keys
      // that are only compared.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNullish: true },
      ],
      // Not yet: what the product itself stored is parsed straight into its type in some 80 places. Each needs a reader of
      // its own; `parseJsonObject` of the contracts is enough where any object will do.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      // Mappers fill an instance of a GraphQL type by Object.assign, which takes anything.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Does not see that a flag changes while something is awaited: most of what it finds are loops until such a flag.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // The driver returns BIGINT and DECIMAL as text where an entity says number, so the conversions are needed.
      '@typescript-eslint/no-unnecessary-type-conversion': 'off',
      // Cells of foreign tables and values of JSON are unknown by type and scalar by a check that it does not follow.
      '@typescript-eslint/no-base-to-string': 'off',
      // Rows of TypeORM are classes without methods, and are spread into plain objects.
      '@typescript-eslint/no-misused-spread': 'off',
      // Nest and class-validator take methods as values and call them on the instance.
      '@typescript-eslint/unbound-method': 'off',
      // `() => doIt()` is how a callback without a result is written here.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Looked at when a library is updated, not when somebody edits a line beside it.
      '@typescript-eslint/no-deprecated': 'off',
      // A rejection is whatever was thrown; the rule wants the words `: unknown` at each of them.
      '@typescript-eslint/use-unknown-in-catch-callback-variable': 'off',
      // Problems of the API say which class a caller gets.
      '@typescript-eslint/prefer-return-this-type': 'off',
      // A reply of Fastify can be awaited, which waits for its reader.
      '@typescript-eslint/return-await': 'off',
      // Matters of taste, in which the hot paths may differ.
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/prefer-for-of': 'off',
    },
  },
  {
    files: [
      '**/main.ts',
      '**/worker.ts',
      '**/settings.ts',
      '**/cli-data-source.ts',
      '**/write-schema.ts',
      'libs/processes/**',
      '**/testing/**',
      '**/*spec.ts',
    ],
    rules: { 'no-restricted-syntax': 'off' },
  },
  { files: ['apps/cli/**', 'bench/**'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*spec.ts', '**/testing/**', '**/test/**', 'test/**', 'bench/**', 'libs/testing/**'],
    rules: {
      // What a test reads over the wire is compared with what is expected, field by field, which is a check of its own.
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      // Fakes fulfil interfaces that are asynchronous elsewhere.
      '@typescript-eslint/require-await': 'off',
      // Secrets of tests are put together so that the scan for secrets does not find them.
      '@typescript-eslint/no-unnecessary-template-expression': 'off',
    },
  },
  {
    files: ['**/*spec.ts'],
    rules: {
      // A table of cases may be long.
      'max-lines': ['error', { max: 550, skipBlankLines: true, skipComments: true }],
      'no-restricted-properties': [
        'error',
        ...['test', 'it', 'describe'].flatMap((object) =>
          ['only', 'skip', 'todo'].map((property) => ({ object, property, message: 'Every test runs, always.' })),
        ),
      ],
    },
  },
  {
    files: ['**/*spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { name: 'fast-check', message: 'Import fc from @paddock/testing: it draws from the seed of the run.' },
      ],
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    extends: [tseslint.configs.recommended],
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
      '@typescript-eslint/no-require-imports': 'off',
    },
  },
);
