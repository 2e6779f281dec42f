import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url))

// Tests import the same names a user imports (`nuages/db`); they resolve to the sources.
export default defineConfig({
  resolve: {
    alias: [
      { find: /^nuages$/, replacement: source('index.ts') },
      { find: /^nuages\/(text|html)$/, replacement: `${source('std')}/$1.ts` },
      { find: /^nuages\/(shortcuts|validators)$/, replacement: `${source('')}$1.ts` },
      { find: /^nuages\/(.+)$/, replacement: `${source('')}$1/index.ts` },
    ],
  },
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/.generated/**'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    pool: 'forks',
    // `npm test` runs everything a second time where code may not be made from strings.
    execArgv: process.env.NUAGES_NO_EVAL ? ['--disallow-code-generation-from-strings'] : [],
  },
})
