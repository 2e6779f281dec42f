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

test('lockTimeout among the options is the same as beside them; what is no number is told', async () => {
  const config = { engine: 'sqlite', url: 'sqlite::memory:', options: { lockTimeout: 40 } }
  await loadBackends({ default: config })
  expect(createDatabase('default', config).config).toMatchObject({ lockTimeout: 40, options: {} })
  expect(createDatabase('default', { ...config, lockTimeout: 7 }).config).toMatchObject({ lockTimeout: 7 })
  expect(() => createDatabase('default', { ...config, options: { lockTimeout: 'long' } })).toThrow(
    expect.objectContaining({ code: 'db.invalid-option', message: expect.stringContaining('"long"') }),
  )
})
