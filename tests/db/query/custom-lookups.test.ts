/** Lookups and parts of the project's own (QS-08, MOD-16). */
import { F, QueryUsageError, registerLookup } from 'nuages/db'
import { beforeEach, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { freshTables, watched } from './setup.ts'
import { Item, stock } from './stock.ts'

freshTables(stock)

registerLookup('longerThan', { sql: 'length($1) > $2', on: ['char'], fields: ['stock.Item.name'] })
registerLookup('atLeastLong', { sql: 'length($1) >= $2', on: ['char', 'text'], takes: 'integer' })
registerLookup('not', { sql: '$1 <> $2', on: ['char', 'text', 'integer'] })
registerLookup('backwards', { sql: 'reverse($1)', on: ['char', 'text'], gives: 'text' })
registerLookup('shout', {
  sql: { sqlite: "upper($1) || '!'", postgres: "upper($1) || '!'", mysql: "concat(upper($1), '!')" },
  on: ['char', 'text'],
  gives: 'text',
})

const codes = (where: object) =>
  Item.objects
    .filter(where as never)
    .orderBy('code')
    .valuesList('code', { flat: true })

beforeEach(() =>
  Item.objects.bulkCreate([
    { code: 'a', name: 'abc', count: 1 },
    { code: 'b', name: 'xyz!', count: 2 },
  ]),
)

test('QS-08: are conditions, negated and joined as any other', async () => {
  expect(await codes({ name__not: 'abc' })).toEqual(['b'])
  expect(await codes({ count__not: 2, name__not: F('code') })).toEqual(['a'])
  const { result, sql } = await watched(() => Item.objects.exclude({ name__not: "x'; --" } as never).count())
  expect(result).toBe(0)
  expect(sql.join()).not.toContain('--')
})

test('QS-08: parts are looked up further, read and ordered by, and follow one another', async () => {
  expect(await codes({ name__shout: 'ABC!' })).toEqual(['a'])
  expect(await codes({ name__shout__startswith: 'XYZ' })).toEqual(['b'])
  expect(await codes({ name__shout__not: 'ABC!' })).toEqual(['b'])
  expect(
    await Item.objects.orderBy('-name__shout' as never).valuesList('name__shout' as never, { flat: true }),
  ).toEqual(['XYZ!!', 'ABC!'])
})

test('MOD-16: are of the fields and kinds that they name', async () => {
  expect(() => registerLookup('not', { sql: '$1 = $2', on: ['char'] })).toThrow(QueryUsageError)
  expect(() => registerLookup('a b', { sql: '$1 = $2', on: ['char'] })).toThrow(QueryUsageError)
  registerLookup('not', { sql: '$1 <> $2', on: ['char', 'text', 'integer'] })
  await expect(codes({ code__longerThan: 3 })).rejects.toMatchObject({ code: 'db.unknown-lookup' })
  await expect(codes({ gone__not: true })).rejects.toMatchObject({ code: 'db.unknown-lookup' })
  await expect(codes({ name__not: ['a'] })).rejects.toMatchObject({ code: 'db.invalid-value' })
  await expect(codes({ name__not: null })).rejects.toMatchObject({ code: 'db.invalid-value' })
})

test('QS-08: names from outside are judged by the database that is asked', async () => {
  const { vendor } = database('default').features
  registerLookup('onlyHere', {
    sql: { [vendor]: 'lower($1)' },
    on: ['char'],
    gives: 'text',
    fields: ['stock.Item.name'],
  })
  registerLookup('elsewhere', {
    sql: vendor === 'sqlite' ? { postgres: 'lower($1)' } : { sqlite: 'lower($1)' },
    on: ['char'],
    gives: 'text',
    fields: ['stock.Item.name'],
  })
  expect((await Item.objects.dynamic({ name__onlyHere__startswith: 'a' })).map(({ code }) => code)).toEqual(['a'])
  expect(await Item.objects.dynamicOrderBy('-name__onlyHere').valuesList('code', { flat: true })).toEqual(['b', 'a'])
  expect(() => Item.objects.dynamic({ name__elsewhere: 'a' })).toThrow(
    expect.objectContaining({ code: 'db.no-sql-here' }),
  )
})

test('QS-08: a value of another kind than the column’s: `takes` says which', async () => {
  expect(await codes({ name__atLeastLong: 4 })).toEqual(['b'])
  expect(await codes({ name__shout__atLeastLong: 5 })).toEqual(['b'])
  expect(await codes({ name__atLeastLong: F('count') })).toEqual(['a', 'b'])
  await expect(codes({ name__atLeastLong: 'four' })).rejects.toMatchObject({ code: 'db.invalid-value' })
  const from = (where: Record<string, string>) => Item.objects.dynamic(where).valuesList('code', { flat: true })
  expect(await from({ name__atLeastLong: '4' })).toEqual(['b'])
  expect(await from({ name__shout__atLeastLong: '5' })).toEqual(['b'])
  expect(() => from({ name__atLeastLong: 'four' })).toThrow(
    expect.objectContaining({ code: 'db.invalid-value', status: 400 }),
  )
})

test('QS-08: a lookup that Nuages has is not replaced', () => {
  for (const name of ['exact', 'icontains', 'isnull'])
    expect(() => registerLookup(name, { sql: '$1 = $2', on: ['char'] })).toThrow(`There is a lookup "${name}" already.`)
  expect(() => registerLookup('year', { sql: '$1', on: ['integer', 'date'], gives: 'integer' })).toThrow('already')
})
