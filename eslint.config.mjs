import tseslint from 'typescript-eslint';

const environmentOnlyInSettings = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Settings are read once, at boot: main.ts and worker.ts hand process.env to settings.ts.',
};

export default tseslint.config(
  { ignores: ['dist*/', 'node_modules/', '.paddock/', 'coverage/', '**/*.d.ts'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strict, tseslint.configs.stylistic],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      // `== null` means null and undefined, which GraphQL's optional inputs may both be.
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', environmentOnlyInSettings],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { arguments: false, attributes: false } },
      ],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // Nest reads the types of constructor parameters and decorated members at run time; the rule knows and leaves them alone.
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // Modules and injection tokens are classes without members by nature.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
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
        { name: 'fast-check', message: 'Import fc from #testing: it draws from the seed of the run.' },
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
