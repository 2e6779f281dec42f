/** Options of databases that nobody reads are told, not believed. */
import { expect, test } from 'vitest'
import { parseDatabaseUrl } from '../../../src/conf/index.ts'
import { readOptions } from '../../../src/db/backends/postgres/options.ts'
import { createDatabase, loadBackends } from '../../../src/db/connections.ts'

test.each([
  ['sqlite::memory:?synchronus=OFF', 'Did you mean "synchronous"?'],
  ['postgres://u@h/d?poolsize=3', 'Did you mean "poolSize"?'],
  ['postgres://u@h/d?sslmod=require', 'Did you mean "sslmode"?'],
  ['mysql://u@h/d?poolSiz=3', 'Did you mean "poolSize"?'],
  ['pglite::memory:?extension=vector', 'Did you mean "extensions"?'],
])('%s', async (url, hint) => {
  const config = parseDatabaseUrl(url, '/')
  await loadBackends({ default: config })
  expect(() => createDatabase('default', config)).toThrow(
    expect.objectContaining({ code: 'db.unknown-option', hint: expect.stringContaining(hint) }),
  )
})

test.each([
  ['sslmode=require', { rejectUnauthorized: false }],
  ['sslmode=verify-full', true],
  ['sslmode=disable', false],
  ['ssl=true&sslmode=disable', true],
  ['', null],
])('PostgreSQL takes what hosts write: %s', (query, ssl) => {
  expect(readOptions(parseDatabaseUrl(`postgres://u@h/d?${query}`, '/')).ssl).toEqual(ssl)
})
