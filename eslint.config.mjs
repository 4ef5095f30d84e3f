import nx from '@nx/eslint-plugin';
import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';
import { boundaries, forTests, houseRules, readProjectGraph } from './tools/house-rules.mjs';

// Without a graph Nx skips its rule with a mere warning, so the graph is read afresh before every lint.
await readProjectGraph();

export default tseslint.config(
  { ignores: ['**/dist/**', '**/coverage/**', '.nx/**', 'data/**', 'tools/fixtures/**', '**/*.mjs', '**/*.cjs', 'deploy/mongodb/*.js'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx, 'import-x': importX },
    settings: {
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [
        createNodeResolver({
          conditionNames: ['@kendt/source', 'import', 'node', 'default'],
          extensions: ['.ts', '.js'],
          extensionAlias: { '.js': ['.ts', '.js'] },
        }),
      ],
    },
    rules: {
      '@nx/enforce-module-boundaries': boundaries({ inTests: false }),
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      'max-lines': ['warn', 300],
    },
  },
  ...houseRules,
  {
    files: forTests,
    rules: {
      '@nx/enforce-module-boundaries': boundaries({ inTests: true }),
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
