/** Vectors, texts that are alike, and texts without accents: extensions of PostgreSQL. */
import { defineApp } from 'nuages'
import { char, index, Model } from 'nuages/db'
import {
  array,
  CosineDistance,
  L2Distance,
  MaxInnerProduct,
  TrigramDistance,
  TrigramSimilarity,
  vector,
} from 'nuages/db/postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { closeDatabases, configureDatabases, database } from '../../../src/db/internal.ts'
import { dropPglite, freshPglite } from '../backends/pglite.ts'
import { createTables } from '../query/setup.ts'

class Song extends Model<Song>()(
  { title: char({ maxLength: 100 }), sound: vector({ dimensions: 3, null: true }) },
  {
    indexes: [
      index(['sound'], { method: 'hnsw', opclasses: ['vector_l2_ops'], name: 'song_sound' }),
      index(['sound'], { method: 'ivfflat', opclasses: ['vector_cosine_ops'], with: { lists: 1 }, name: 'song_angle' }),
      index(['title'], { method: 'gin', opclasses: ['gin_trgm_ops'], name: 'song_title' }),
    ],
  },
) {}
const music = defineApp({ root: import.meta.url, name: 'music', models: { Song } })

beforeAll(async () => {
  const fresh = await freshPglite(1)
  configureDatabases({ default: fresh() })
  for (const name of ['vector', 'pg_trgm', 'unaccent'])
    await database().exec(`CREATE EXTENSION IF NOT EXISTS ${name} SCHEMA public`)
  await createTables('default', music)
}, 120_000)
beforeEach(async () => {
  await Song.objects.delete()
  await Song.objects.bulkCreate([
    new Song({ title: 'Minor swing', sound: [1, 0, 0] }),
    new Song({ title: 'Crème de la crème', sound: new Float32Array([0, 1, 0]) }),
    new Song({ title: 'Nuages' }),
  ])
})
afterAll(async () => {
  await closeDatabases()
  await dropPglite()
})

describe('vectors', () => {
  test('are written as lists and Float32Array, and read as lists', async () => {
    const rows = await Song.objects.orderBy('id')
    expect(rows.map((row) => row.sound)).toEqual([[1, 0, 0], [0, 1, 0], null])
    const song = await Song.objects.create({ title: 'New', sound: [0.5, -1.5, 2e10] })
    await song.refresh()
    expect(song.sound).toEqual([0.5, -1.5, 2e10])
    song.sound = [3, 2, 1]
    await song.save()
    expect((await Song.objects.get({ title: 'New' })).sound).toEqual([3, 2, 1])
    await Song.objects.filter({ title: 'New' }).update({ sound: [7, 7, 7] })
    expect((await Song.objects.get({ title: 'New' })).sound).toEqual([7, 7, 7])
    for (const [i, row] of rows.entries()) row.sound = i === 1 ? null : [i, 5, 5]
    await Song.objects.bulkUpdate(rows, ['sound'])
    expect((await Song.objects.filter({ id__lte: rows[2]!.id }).orderBy('id')).map((row) => row.sound)).toEqual([
      [0, 5, 5],
      null,
      [2, 5, 5],
    ])
  })

  test('distances order, filter and are read', async () => {
    const near = await Song.objects
      .filter({ sound__isnull: false })
      .annotate({
        far: L2Distance('sound', [1, 0.1, 0]),
        angle: CosineDistance('sound', [2, 0, 0]),
        product: MaxInnerProduct('sound', new Float32Array([2, 0, 0])),
      })
      .orderBy('far')
    expect(near.map((row) => row.title)).toEqual(['Minor swing', 'Crème de la crème'])
    expect(near[0]?.far).toBeCloseTo(0.1)
    expect(near.map((row) => row.angle)).toEqual([0, 1])
    expect(near.map((row) => row.product)).toEqual([-2, -0])
    const first = await Song.objects.orderBy(L2Distance('sound', [0, 1, 0]).asc()).first()
    expect(first?.title).toBe('Crème de la crème')
  })

  test('what is no vector, or has other dimensions, is refused', async () => {
    for (const bad of [['1); DROP TABLE song; --'], [Number.NaN, 1, 2], [], 'text'])
      expect(() => L2Distance('sound', bad as never)).toThrow(expect.objectContaining({ code: 'db.invalid-value' }))
    await expect(Song.objects.create({ title: 'x', sound: [1, 2] })).rejects.toMatchObject({ code: 'db.invalid-value' })
  })
})

test('vectors are not compared with values, and are no elements of arrays', async () => {
  for (const where of [{ sound: [1, 0, 0] }, { sound__in: [[1, 0, 0]] }, { sound__gt: [1, 0, 0] }])
    await expect(Song.objects.filter(where as never).list()).rejects.toMatchObject({ code: 'db.not-comparable' })
  expect(await Song.objects.filter({ sound__isnull: true }).count()).toBe(1)
  expect(() => array(vector({ dimensions: 3 }) as never)).toThrow(expect.objectContaining({ code: 'db.bad-array' }))
})

describe('trigrams', () => {
  test('trigramSimilar finds what is misspelt, similarity and distance order', async () => {
    expect(await Song.objects.filter({ title__trigramSimilar: 'minor swingg' }).count()).toBe(1)
    expect(await Song.objects.filter({ title__trigramSimilar: 'zzz' }).count()).toBe(0)
    const [row] = await Song.objects
      .annotate({ alike: TrigramSimilarity('title', 'nuage'), far: TrigramDistance('title', 'nuage') })
      .orderBy('-alike')
    expect(row?.title).toBe('Nuages')
    expect(row!.alike! + row!.far!).toBeCloseTo(1)
  })
  test('unaccent is a part that lookups follow', async () => {
    expect(await Song.objects.filter({ title__unaccent__icontains: 'creme' }).count()).toBe(1)
  })
})

test('other databases have no distances, and say so', async () => {
  configureDatabases({ default: { engine: 'sqlite', url: 'sqlite::memory:' } })
  const found = Song.objects.orderBy(L2Distance('sound', [1, 2, 3]).asc())
  await expect(found).rejects.toMatchObject({ code: 'db.no-sql-here' })
})
