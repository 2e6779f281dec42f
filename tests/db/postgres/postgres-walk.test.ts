/** What the rows CON-12, CON-13 and CON-15 ask beyond the other files: slices, ranges of instants, languages, ranks. */
import { defineApp } from 'nuages'
import { char, index, integer, Model, Sum, Temporal } from 'nuages/db'
import { defineFunction, SearchMatch, SearchRank } from 'nuages/db/functions'
import { array, instantRange, Range, SearchQuery, searchVector } from 'nuages/db/postgres'
import { beforeEach, describe, expect, test } from 'vitest'
import { detectChanges } from '../../../src/db/migrations/autodetector.ts'
import { modelState } from '../../../src/db/migrations/from-models.ts'
import { MigrationGraph } from '../../../src/db/migrations/graph.ts'
import { applyToState } from '../../../src/db/migrations/migration.ts'
import { FlagQuestioner } from '../../../src/db/migrations/questioner.ts'
import { ProjectState } from '../../../src/db/migrations/state.ts'
import { writeMigration } from '../../../src/db/migrations/writer.ts'
import { createTables } from '../query/setup.ts'
import { freshDiary } from './setup.ts'

class Song extends Model<Song>()(
  {
    title: char({ maxLength: 100 }),
    titre: char({ maxLength: 100, default: '' }),
    takes: integer({ default: 1 }),
    tags: array(char({ maxLength: 20 }), { blank: true }),
    played: instantRange({ null: true }),
    words: searchVector({ title: 'A', titre: { weight: 'B', language: 'french' } }, { language: 'english' }),
  },
  { indexes: [index(['words'], { method: 'gin' })] },
) {}
const band = defineApp({ root: import.meta.url, name: 'band', models: { Song } })

freshDiary()
const instant = (text: string) => Temporal.Instant.from(text)
const evening = new Range(instant('2026-03-01T20:00:00.000001Z'), instant('2026-03-01T22:00:00.123456Z'))
beforeEach(async () => {
  await createTables('default', band)
  await Song.objects.bulkCreate([
    { title: 'Playing in clouds', titre: 'Les chevaux courent', tags: ['a', 'b', 'c', 'd'], played: evening, takes: 3 },
    { title: 'Minor swing', titre: 'En jouant', tags: ['x'] },
    { title: 'Horses', tags: [] },
  ])
})
const titles = async (rows: PromiseLike<readonly { title: string }[]>) => (await rows).map(({ title }) => title).sort()

describe('CON-12: arrays', () => {
  test('EXP-01: a slice counts as JavaScript does', async () => {
    const rows = await Song.objects
      .annotate({
        head: Song.F('tags').slice(0, 2),
        tail: Song.F('tags').slice(1),
        none: Song.F('tags').slice(2, 2),
      })
      .orderBy('id')
    const typed: readonly string[] = rows[0]!.head
    expect(typed).toEqual(['a', 'b'])
    expect(rows.map(({ tail, none }) => [tail, none])).toEqual([
      [['b', 'c', 'd'], []],
      [[], []],
      [[], []],
    ])
    await Song.objects.filter({ title: 'Playing in clouds' }).update({ tags: Song.F('tags').slice(2) })
    expect((await Song.objects.get({ title: 'Playing in clouds' })).tags).toEqual(['c', 'd'])
  })
})

describe('CON-13: ranges of instants', () => {
  test('keep their microseconds, are compared and found with them', async () => {
    const row = await Song.objects.get({ title: 'Playing in clouds' })
    expect(String(row.played)).toBe(String(evening))
    const inside = instant('2026-03-01T22:00:00.123455Z')
    expect(await Song.objects.filter({ played__contains: inside }).count()).toBe(1)
    expect(await Song.objects.filter({ played__contains: evening.upper! }).count()).toBe(0)
    expect(await Song.objects.filter({ played__startswith: evening.lower! }).count()).toBe(1)
    expect(await Song.objects.filter({ played__overlap: new Range(inside, null) }).count()).toBe(1)
    row.played = new Range(evening.upper, null)
    await row.save()
    await row.refresh()
    expect(row.played.lower?.epochNanoseconds).toBe(evening.upper!.epochNanoseconds)
  })
  test('what ends before it begins is refused; a Date is taken', async () => {
    const wrong = new Song({ title: 'x', played: new Range(evening.upper, evening.lower) })
    await expect(wrong.fullClean({ unique: false })).rejects.toMatchObject({ fields: { played: [expect.any(String)] } })
    const dated = await Song.objects.create({ title: 'y', played: new Range(new Date(0), new Date(1000)) })
    await dated.refresh()
    expect(dated.played?.upper?.epochMilliseconds).toBe(1000)
  })
})

describe('CON-15: full-text search', () => {
  test('a search vector has a language for each field, and a search is read by all of them', async () => {
    expect(await titles(Song.objects.filter({ words__search: 'plays' }))).toEqual(['Playing in clouds'])
    expect(await titles(Song.objects.filter({ words__search: 'jouer' }))).toEqual(['Minor swing'])
    expect(await titles(Song.objects.filter(SearchMatch(['words'], 'cheval')))).toEqual(['Playing in clouds'])
    const french = new SearchQuery('jouer', { language: 'french' })
    expect(await titles(Song.objects.filter(SearchMatch(['words'], french)))).toEqual(['Minor swing'])
    const english = SearchMatch<['words'], Song>(['words'], 'jouer', { language: 'english' })
    expect(await Song.objects.filter(english).count()).toBe(0)
  })
  test('a migration keeps the languages, and finds nothing to change after', async () => {
    const state = new ProjectState([modelState(Song)])
    const changes = async (from: ProjectState) => {
      const questioner = new FlagQuestioner({ noRenames: true })
      const at = new Date(0)
      return detectChanges({ from, to: state, graph: new MigrationGraph([]), questioner, at })
    }
    const operations = (await changes(new ProjectState())).flatMap((draft) => draft.operations)
    const written = writeMigration({ operations })
    expect(written.replaceAll(/\s+/g, ' ')).toContain("['B', F('titre')], ], [null, 'french'], )")
    expect(written).toContain('played: fields.dateTimeRange({ null: true })')
    const step = { app: 'band', name: 'x', file: null, operations }
    const made = operations.reduce((now, each) => applyToState(step, each, now), new ProjectState())
    expect(await changes(made)).toEqual([])
  })
  test('a rank may count nearness and be divided by lengths', async () => {
    const ranks = async (options: object) => {
      const rank = SearchRank<['words'], Song>(['words'], 'playing clouds', options)
      return (await Song.objects.annotate({ rank }).get({ title: 'Playing in clouds' })).rank
    }
    const plain = await ranks({})
    expect(await ranks({ coverDensity: true })).not.toBe(plain)
    expect(await ranks({ normalization: 2 })).toBeLessThan(plain)
    expect(await ranks({ coverDensity: true, normalization: 32 })).toBeLessThan(1)
    expect(() => SearchRank(['words'], 'x', { normalization: 64 })).toThrow(
      expect.objectContaining({ code: 'db.invalid-value' }),
    )
  })
})

describe('EXP-23: functions that give several rows', () => {
  const Upto = defineFunction('generate_series(1, $1)', integer(), { setReturning: true })
  test('give a row for each value; filters and aggregates stand around', async () => {
    const takes = Song.objects.filter({ title: 'Playing in clouds' }).annotate({ take: Upto('takes') })
    expect(await takes.orderBy('take').valuesList('take', { flat: true })).toEqual([1, 2, 3])
    expect(await takes.filter({ take__gte: 2 }).orderBy('-take').valuesList('take', { flat: true })).toEqual([3, 2])
    expect(await takes.filter({ take__gte: 2 }).count()).toBe(2)
    expect(await takes.aggregate({ sum: Sum(takes.F('take')) })).toEqual({ sum: 6 })
  })
})
