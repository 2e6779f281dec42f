// MIG-06: two branches of one app. What commutes is joined; what does not is refused with a sentence naming both.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  addConstraint,
  addField,
  addIndex,
  addTrigger,
  alterField,
  alterModelTable,
  createModel,
  deleteModel,
  fields as f,
  index,
  type Operation,
  removeField,
  renameField,
  renameModel,
  runCode,
  runSql,
  trigger,
  unique,
} from '../../src/db/migrations/index.ts'
import { MigrationLoader } from '../../src/db/migrations/internal.ts'
import { mergeDrafts } from '../../src/db/migrations/merge.ts'
import type { Migration } from '../../src/db/migrations/migration.ts'
import { closeDatabase, migrate, openDatabase, schema } from './history.ts'

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

const cascade = { onDelete: 'cascade' } as const

const first: Migration = {
  app: 'library',
  name: '0001_initial',
  file: null,
  dependencies: [],
  operations: [
    createModel('Author', { id: f.autoId(), name: f.text() }),
    createModel('Book', {
      id: f.autoId(),
      title: f.char({ maxLength: 100 }),
      pages: f.integer({ null: true }),
      author: f.foreignKey('library.Author', { null: true, ...cascade }),
    }),
  ],
}
const branch = (name: string, operations: Operation[]): Migration => ({
  app: 'library',
  name,
  file: null,
  dependencies: [['library', '0001_initial']],
  operations,
})
const project = { apps: [{ name: 'library', root: '/none', models: {} }], user: null }

function join(left: Operation[], right: Operation[]): Migration[] {
  const branches = [first, branch('0002_left', left), branch('0002_right', right)]
  const [draft] = mergeDrafts(new MigrationLoader(project, branches))
  return [...branches, { ...draft!, file: null }]
}

const done = runCode(async () => {}, { reverse: async () => {} })
const refusing = (on: string[]) => trigger({ name: 'stays', when: 'before', on, do: { t: 'refuse', message: 'no' } })
const byTitle = index(['title'], { name: 'by_title' })

describe('what commutes is joined', () => {
  test.each<[what: string, left: Operation[], right: Operation[]]>([
    [
      'two fields of one model',
      [addField('Book', 'isbn', f.text({ null: true }))],
      [addField('Book', 'year', f.integer({ null: true }))],
    ],
    ['two indexes', [addIndex('Book', byTitle)], [addIndex('Book', index(['pages'], { name: 'by_pages' }))]],
    [
      'a rename and an alteration of another field',
      [renameField('Book', 'title', 'name')],
      [alterField('Book', 'pages', f.bigInteger({ null: true }))],
    ],
    [
      'a rename of a field and an index on another',
      [renameField('Book', 'pages', 'length')],
      [addIndex('Book', byTitle)],
    ],
    [
      'a new model and a field',
      [createModel('Tag', { id: f.autoId(), book: f.foreignKey('library.Book', cascade) })],
      [addField('Author', 'born', f.date({ null: true }))],
    ],
    ['a table and a field', [alterModelTable('Book', 'books')], [removeField('Book', 'pages')]],
    [
      'a trigger that refuses deletions and a new field with a value for each row',
      [addTrigger('Book', refusing(['delete']))],
      [addField('Book', 'year', f.integer(), { fill: 7 }), removeField('Book', 'pages')],
    ],
    [
      'a trigger of one field and another field that is renamed',
      [addTrigger('Book', refusing(['update of title']))],
      [renameField('Book', 'pages', 'length')],
    ],
    ['code and a new field', [done], [addField('Book', 'isbn', f.text({ null: true }))]],
    ['code in both', [done], [done]],
    [
      'SQL and a new model',
      [runSql("update library_book set title = ''", { reverse: '' })],
      [createModel('Tag', { id: f.autoId() })],
    ],
  ])('MIG-06 %s: both orders give one schema, and go back to nothing', async (_, left, right) => {
    const migrations = join(left, right)
    const reached: unknown[] = []
    for (const start of ['0002_left', '0002_right']) {
      await migrate(migrations, { app: 'library', name: start })
      await migrate(migrations)
      reached.push(byName(await schema()))
      await migrate(migrations, { app: 'library', name: 'zero' })
      expect(await schema()).toEqual([])
    }
    expect(reached[1]).toEqual(reached[0])
  })
})

/** Columns added in another order stand in another order, and are named alike. */
function byName(tables: Awaited<ReturnType<typeof schema>>) {
  const sorted = <T extends { readonly name: string }>(list: readonly T[] = []) =>
    [...list].sort((a, b) => (a.name < b.name ? -1 : 1))
  return sorted(tables).map((table) => ({
    ...table,
    columns: sorted(table.columns),
    indexes: sorted(table.indexes),
    uniques: sorted(table.uniques),
    checks: sorted(table.checks),
  }))
}

describe('what does not commute is refused', () => {
  test.each<[what: string, left: Operation[], right: Operation[], where: string]>([
    [
      'a rename and an alteration of one field',
      [renameField('Book', 'title', 'name')],
      [alterField('Book', 'title', f.text())],
      'library.Book.title',
    ],
    [
      'a rename and a unique on the old name',
      [renameField('Book', 'title', 'name')],
      [addConstraint('Book', unique(['title'], { name: 'one_title' }))],
      'library.Book.title',
    ],
    [
      'a rename and an index on the old name',
      [renameField('Book', 'title', 'name')],
      [addIndex('Book', byTitle)],
      'library.Book.title',
    ],
    [
      'two renames of one field',
      [renameField('Book', 'title', 'name')],
      [renameField('Book', 'title', 'heading')],
      'library.Book.title',
    ],
    [
      'two fields to one name',
      [renameField('Book', 'title', 'name')],
      [addField('Book', 'name', f.text({ null: true }))],
      'library.Book.name',
    ],
    [
      'two adds of one field, the same or not',
      [addField('Book', 'isbn', f.text({ null: true }))],
      [addField('Book', 'isbn', f.text({ null: true }))],
      'library.Book.isbn',
    ],
    [
      'two alterations of one field',
      [alterField('Book', 'title', f.text())],
      [alterField('Book', 'title', f.char({ maxLength: 9 }))],
      'library.Book.title',
    ],
    [
      'a removal and an alteration',
      [removeField('Book', 'title')],
      [alterField('Book', 'title', f.text())],
      'library.Book.title',
    ],
    ['a removal and an index', [removeField('Book', 'title')], [addIndex('Book', byTitle)], 'library.Book.title'],
    [
      'a deletion and a field',
      [deleteModel('Book')],
      [addField('Book', 'isbn', f.text({ null: true }))],
      'library.Book',
    ],
    [
      'a deletion and a reference to it',
      [deleteModel('Book')],
      [addField('Author', 'best', f.foreignKey('library.Book', { null: true, ...cascade }))],
      'library.Book',
    ],
    [
      'a rename of a model and a field of it',
      [renameModel('Book', 'Novel')],
      [addField('Book', 'isbn', f.text({ null: true }))],
      'library.Book',
    ],
    [
      'a rename of a model and a reference to it',
      [renameModel('Author', 'Writer')],
      [createModel('Prize', { id: f.autoId(), to: f.foreignKey('library.Author', cascade) })],
      'library.Author',
    ],
    [
      'two models of one name',
      [createModel('Tag', { id: f.autoId() })],
      [createModel('Tag', { id: f.autoId() })],
      'library.Tag',
    ],
    [
      'two indexes of one name',
      [addIndex('Book', byTitle)],
      [addIndex('Book', index(['pages'], { name: 'by_title' }))],
      'the name by_title',
    ],
    [
      'a trigger and a rename of its field',
      [addTrigger('Book', refusing(['update of title']))],
      [renameField('Book', 'title', 'name')],
      'library.Book.title',
    ],
    [
      'a trigger of every update and a removal',
      [addTrigger('Book', refusing(['update']))],
      [removeField('Book', 'pages')],
      'library.Book.pages',
    ],
    ['two tables for one model', [alterModelTable('Book', 'a')], [alterModelTable('Book', 'b')], 'library.Book'],
  ])('MIG-06 %s', (_, left, right, where) => {
    for (const [one, other] of [
      [left, right],
      [right, left],
    ] as const) {
      expect(() => join(one, other)).toThrow(
        expect.objectContaining({
          code: 'migrations.cannot-merge',
          message: expect.stringMatching(
            new RegExp(
              `"${one[0]!.describe()}" \\(library.0002_left\\) and "${other[0]!.describe()}" .*both touch ${where}`,
            ),
          ),
        }),
      )
    }
  })

  test('MIG-06 code beside a removal: what the code reads is known to nobody', () => {
    expect(() => join([done], [removeField('Book', 'pages')])).toThrow(/"Run code".*is known to nobody/)
  })
})
