import { defineApp } from 'nuages'
import { char, copyTo, dateTime, integer, keepNow, Model, readOnly, refuseDelete, sql, text, trigger } from 'nuages/db'
import * as door from 'nuages/db/migrations'
import { beforeEach, describe, expect, test } from 'vitest'
import { closeDatabases, configureDatabases, database } from '../../../src/db/internal.ts'
import { detectChanges } from '../../../src/db/migrations/autodetector.ts'
import { modelState } from '../../../src/db/migrations/from-models.ts'
import { MigrationGraph } from '../../../src/db/migrations/graph.ts'
import type { Operation } from '../../../src/db/migrations/operations/operation.ts'
import { FlagQuestioner } from '../../../src/db/migrations/questioner.ts'
import { ProjectState } from '../../../src/db/migrations/state.ts'
import { writeMigration } from '../../../src/db/migrations/writer.ts'
import { history, migrate } from '../../migrations/history.ts'
import { freshConfig, freshTablesOf } from './tables.ts'

const upper = 'UPDATE notes_note SET mark = UPPER(mark) WHERE id = NEW.id;'
class OldNote extends Model<OldNote>()({
  oldTitle: char({ maxLength: 50 }),
  at: dateTime({ dbDefault: 'now' }),
}) {}
class Note extends Model<Note>()(
  {
    title: char({ maxLength: 50 }),
    slug: char({ maxLength: 50 }),
    mark: text({ default: '' }),
    count: integer({ default: 0 }),
    updatedAt: dateTime({ null: true }),
  },
  {
    triggers: [
      keepNow('updatedAt'),
      readOnly(['slug'], { message: 'A slug stays.' }),
      refuseDelete({ condition: { count__gt: 5 } }),
      copyTo(() => OldNote, { fields: { title: 'oldTitle' }, on: ['update of title', 'delete'] }),
      trigger({
        name: 'note_upper',
        when: 'after',
        on: ['insert'],
        condition: { mark__startswith: 'x' },
        do: { sqlite: upper, postgres: sql`UPDATE notes_note SET mark = UPPER(mark) WHERE id = NEW.id;` },
      }),
    ],
  },
) {}
class OldSheet extends Model<OldSheet>()({ title: char({ maxLength: 50 }) }) {}
class Sheet extends Model<Sheet>()(
  { title: char({ maxLength: 50 }), seenAt: dateTime({ null: true }), changedAt: dateTime({ null: true }) },
  { triggers: [copyTo(() => OldSheet, { fields: ['title'] }), keepNow('changedAt'), readOnly(['id'])] },
) {}
defineApp({ name: 'notes', root: import.meta.url, models: { Note, OldNote, Sheet, OldSheet } })
freshTablesOf(OldNote, Note, OldSheet, Sheet)

const rowsOf = (text: string) =>
  database().rows({ sql: text, slots: [], encoders: [], rows: true, writes: false, bulk: null }, [])
const refusal = (message: string) => expect.objectContaining({ code: 'db.integrity-error', message })

describe('triggers of a model', () => {
  test('keep a moment, refuse changes of a field, refuse deletions', async () => {
    const note = await Note.objects.create({ title: 'a', slug: 'a' })
    expect(note.updatedAt).toBeNull()
    await Note.objects.filter({ id: note.id }).update({ count: 1 })
    await note.refresh()
    expect(note.updatedAt).toBeInstanceOf(Date)
    await expect((async () => Note.objects.update({ slug: 'b' }))()).rejects.toEqual(refusal('A slug stays.'))
    await Note.objects.update({ slug: 'a', count: 6 })
    await expect((async () => Note.objects.filter({ count: 6 }).delete())()).rejects.toEqual(
      refusal('Rows of this table cannot be deleted.'),
    )
    await Note.objects.update({ count: 5 })
    expect((await Note.objects.filter({ count: 5 }).delete()).total).toBe(1)
  })

  test('copy rows as they were, and run statements of their own where their condition holds', async () => {
    const [one, two] = await Note.objects.bulkCreate([
      { title: 'a', slug: 'a', mark: 'xyz' },
      { title: 'b', slug: 'b', mark: 'abc' },
    ])
    await one!.refresh()
    await two!.refresh()
    // A database without statements for it has no such trigger.
    expect([one!.mark, two!.mark]).toEqual([database().backend.name === 'mysql' ? 'xyz' : 'XYZ', 'abc'])
    one!.title = 'changed'
    await one!.save()
    await two!.delete()
    expect(await OldNote.objects.orderBy('id').valuesList('oldTitle', { flat: true })).toEqual(['a', 'b'])
  })

  test('MOD-20: keepNow() is no second update that copyTo() hears of', async () => {
    const sheet = await Sheet.objects.create({ title: 'a' })
    const titles = () => OldSheet.objects.orderBy('id').valuesList('title', { flat: true })
    await Sheet.objects.update({ title: 'b' })
    expect(await titles()).toEqual(['a'])
    await sheet.refresh()
    expect([sheet.title, sheet.changedAt]).toEqual(['b', expect.any(Date)])
    sheet.seenAt = new Date()
    await sheet.save()
    await sheet.save({ fields: ['seenAt'] })
    expect(await titles()).toEqual(['a', 'b', 'b'])
    await sheet.delete()
    expect(await titles()).toEqual(['a', 'b', 'b', 'b'])
  })

  test('have names that no database cuts', () => {
    expect(Note.meta.triggers.map((each) => each.name)).toEqual([
      'notes_note_now_updatedAt',
      'notes_note_readonly_slug',
      'notes_note_refuse',
      'notes_note_copy',
      'note_upper',
    ])
    class Long extends Model<Long>()(
      { name: char({ maxLength: 5 }) },
      { triggers: [refuseDelete({ name: 'n'.repeat(80) })] },
    ) {}
    defineApp({ name: 'long', root: import.meta.url, models: { Long } })
    expect(Long.meta.triggers[0]!.name).toMatch(/^n{59}[0-9a-f]{4}$/)
  })
})

describe('migrations of triggers', () => {
  beforeEach(async () => {
    await closeDatabases()
    configureDatabases({ default: freshConfig() })
  })
  const changes = async (from: ProjectState, to: ProjectState): Promise<Operation[]> => {
    const questioner = new FlagQuestioner({ noRenames: true })
    const drafts = await detectChanges({ from, to, graph: new MigrationGraph([]), questioner, at: new Date(0) })
    return drafts.flatMap((draft) => draft.operations)
  }
  const triggers = async (table = 'library_note'): Promise<string[]> => {
    const found = await database().backend.introspector.triggers(database(), table)
    return found.map((each) => each.name)
  }
  test('MOD-20: beside keepNow(), what follows updates follows those of a column that comes later', async () => {
    const sheets = [Sheet, OldSheet].map((each) => {
      const state = modelState(each)
      const triggers = (state.options.triggers ?? []).map((trigger) =>
        trigger.do.t === 'copy' ? { ...trigger, do: { ...trigger.do, target: 'library.OldSheet' } } : trigger,
      )
      return { ...state, app: 'library', options: { ...state.options, triggers } }
    })
    const migrations = history(
      ['0001_initial', await changes(new ProjectState(), new ProjectState(sheets))],
      ['0002_page', [door.addField('Sheet', 'page', door.fields.integer({ default: 1 }))]],
      ['0003_sheets', [door.renameField('Sheet', 'page', 'leaf')]],
      ['0004_titles', [door.removeField('Sheet', 'seenAt')]],
    )
    const copies = async () => (await rowsOf('SELECT title FROM library_oldsheet')).length
    await migrate(migrations, { app: 'library', name: '0001' })
    await database().exec(`INSERT INTO library_sheet (title) VALUES ('a')`)
    await migrate(migrations, { app: 'library', name: '0002' })
    expect(await copies()).toBe(0)
    await database().exec('UPDATE library_sheet SET page = 2')
    expect(await copies()).toBe(1)
    await migrate(migrations, { app: 'library', name: '0003' })
    await database().exec('UPDATE library_sheet SET leaf = 3')
    expect(await copies()).toBe(2)
    await migrate(migrations)
    await database().exec('UPDATE library_sheet SET leaf = 4')
    expect(await copies()).toBe(3)
    await migrate(migrations, { app: 'library', name: '0001' })
    await database().exec(`UPDATE library_sheet SET title = 'b'`)
    expect(await copies()).toBe(4)
  })

  const states = () =>
    [Note, OldNote].map((each) => {
      const state = { ...modelState(each), app: 'library' }
      const text = JSON.stringify(state.options.triggers ?? [])
      return text.includes('notes.OldNote')
        ? {
            ...state,
            options: {
              ...state.options,
              triggers: state.options
                .triggers!.map((trigger) =>
                  trigger.do.t === 'copy' ? { ...trigger, do: { ...trigger.do, target: 'library.OldNote' } } : trigger,
                )
                .filter((trigger) => trigger.name !== 'note_upper'),
            },
          }
        : state
    })

  test('make them after everything they name, change and drop them, and go back', async () => {
    const full = new ProjectState(states())
    const bare = new ProjectState(states().map((state) => ({ ...state, options: {} })))
    const other = new ProjectState(
      states().map((state) => ({
        ...state,
        options: {
          triggers: (state.options.triggers ?? [])
            .slice(1, 2)
            .map((each) => ({ ...each, do: { t: 'refuse' as const, message: 'Never.', fields: ['slug'] } })),
        },
      })),
    )
    const first = await changes(new ProjectState(), full)
    expect(writeMigration({ operations: first })).toContain("on: ['update of title', 'delete']")
    const migrations = history(
      ['0001_initial', first],
      ['0002_other', await changes(full, other)],
      ['0003_bare', await changes(other, bare)],
    )
    const to = (name: string) => migrate(migrations, { app: 'library', name })
    await to('0001')
    const all = await triggers()
    expect(all.filter((name) => name.startsWith('notes_note_')).length).toBeGreaterThanOrEqual(4)
    await to('0002')
    expect(await triggers()).toEqual(['notes_note_readonly_slug'])
    await database().exec(`INSERT INTO library_note (title, slug, mark, count) VALUES ('a', 'a', '', 0)`)
    await expect((async () => database().exec(`UPDATE library_note SET slug = 'b'`))()).rejects.toEqual(
      refusal('Never.'),
    )
    await to('0003')
    expect(await triggers()).toEqual([])
    await to('0001')
    expect(await triggers()).toEqual(all)
  })

  test('follow a renamed field and a renamed model', async () => {
    const migrations = history(
      ['0001_initial', await changes(new ProjectState(), new ProjectState(states()))],
      [
        '0002_names',
        [
          door.renameField('Note', 'title', 'heading'),
          door.renameModel('OldNote', 'Past'),
          door.renameField('Past', 'oldTitle', 'was'),
        ],
      ],
    )
    await migrate(migrations)
    await database().exec(`INSERT INTO library_note (heading, slug, mark, count) VALUES ('a', 'a', '', 0)`)
    await database().exec(`UPDATE library_note SET heading = 'b'`)
    expect(await rowsOf('SELECT was FROM library_past')).toEqual([['a']])
    await migrate(migrations, { app: 'library', name: '0001' })
    await database().exec(`UPDATE library_note SET title = 'c'`)
  })

  test('keep triggers that nobody declared when a table is made anew', async () => {
    const wide = door.alterField('Note', 'mark', door.fields.char({ maxLength: 70, default: '' }))
    const migrations = history(
      ['0001_initial', await changes(new ProjectState(), new ProjectState(states()))],
      ['0002_wide', [wide]],
    )
    await migrate(migrations, { app: 'library', name: '0001' })
    const own =
      database().backend.name === 'sqlite'
        ? ['CREATE TRIGGER own AFTER INSERT ON library_note BEGIN UPDATE library_note SET count = 9; END']
        : database().backend.name === 'mysql'
          ? ['CREATE TRIGGER own BEFORE INSERT ON library_note FOR EACH ROW SET NEW.count = 9']
          : [
              "CREATE FUNCTION own_f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.count := 9; RETURN NEW; END'",
              'CREATE TRIGGER own BEFORE INSERT ON library_note FOR EACH ROW EXECUTE FUNCTION own_f()',
            ]
    for (const statement of own) await database().exec(statement)
    const before = await triggers()
    expect(before).toContain('own')
    await migrate(migrations)
    expect(await triggers()).toEqual(before)
  })
})
