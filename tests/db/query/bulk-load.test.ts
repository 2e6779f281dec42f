/** Thousands of rows that give nothing back: where the database has a stream for them, they take it. */
import { atomic, IntegrityError } from 'nuages/db'
import { expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { engine } from '../backends/fresh.ts'
import { Company } from './models.ts'
import { freshTables } from './setup.ts'

freshTables()

const ODD = ['a\ttab', 'a\nline', 'a\rreturn', 'back\\slash', '\\N', '\\.', 'it’s "quoted"', '{curly,}', 'é𝄞', '']
const rows = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: i + 1, name: ODD[i % ODD.length]! + (i < ODD.length ? '' : i) }))

test('every row and every letter arrives, alone and in a block', async () => {
  await Company.objects.bulkCreate(rows(12_000))
  expect(await Company.objects.count()).toBe(12_000)
  expect(await Company.objects.filter({ id__lte: 10 }).orderBy('id').valuesList('name', { flat: true })).toEqual(ODD)
  await atomic(async () => {
    await Company.objects.bulkCreate(rows(3000).map((row) => ({ ...row, id: row.id + 20_000 })))
    await Company.objects.create({ id: 50_000, name: 'after' })
  })
  expect(await Company.objects.count()).toBe(15_001)
})

test('all of them or none, and the connection is whole afterwards', async () => {
  for (let i = 0; i < 3; i++) {
    await expect(Company.objects.bulkCreate([...rows(9000), { id: 5, name: 'twice' }])).rejects.toThrow(IntegrityError)
    expect(await Company.objects.count()).toBe(0)
  }
  const caught = atomic(async () => {
    await Company.objects.create({ id: 1, name: 'kept' })
    await expect(atomic(() => Company.objects.bulkCreate(rows(2000)))).rejects.toThrow(IntegrityError)
    await Company.objects.create({ id: 2, name: 'kept, too' })
  })
  await caught
  expect(await Company.objects.orderBy('id').valuesList('id', { flat: true })).toEqual([1, 2])
})

test('several at once, with other statements between them', async () => {
  const parts = [0, 1, 2, 3].map((part) => rows(2000).map((row) => ({ ...row, id: row.id + part * 2000 })))
  await Promise.all(parts.flatMap((part) => [Company.objects.bulkCreate(part), Company.objects.count()]))
  expect(await Company.objects.count()).toBe(8000)
  await atomic(() =>
    Promise.all([
      Company.objects.count(),
      Company.objects.bulkCreate(rows(2000).map((row) => ({ ...row, id: row.id + 10_000 }))),
      Company.objects.count(),
      Company.objects.get({ id: 1 }),
    ]),
  )
  expect(await Company.objects.count()).toBe(10_000)
})

test('PostgreSQL takes the stream where nothing is given back, and no other', () => {
  const { compiler } = database().backend
  const insert = { t: 'insert', table: 'item', columns: ['name'], rows: [], returning: [] } as const
  const bulk = { count: 2000, kinds: ['text'] } as const
  const streams = engine.name === 'PostgreSQL' || engine.name === 'PGlite'
  const copySql = (more: object) => compiler.compile({ ...insert, bulk, ...more }).bulk?.copySql
  expect(copySql({})).toBe(streams ? 'COPY "item" ("name") FROM STDIN' : undefined)
  expect(copySql({ onConflict: 'ignore' })).toBeUndefined()
})
