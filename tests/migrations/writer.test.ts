import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as door from 'nuages/db/migrations'
import { afterAll, describe, expect, test, vi } from 'vitest'
import type { Operation } from '../../src/db/migrations/operations/operation.ts'
import { writeMigration } from '../../src/db/migrations/writer.ts'

// Processes are started: on a busy machine each takes seconds.
vi.setConfig({ testTimeout: 120_000 })

const {
  addConstraint,
  addField,
  addIndex,
  alterField,
  check,
  createModel,
  deleteModel,
  F,
  fields: f,
  index,
  unique,
} = door
const {
  alterModelOptions,
  alterModelTable,
  now,
  renameField,
  renameModel,
  runSql,
  separateDatabaseAndState,
  userModel,
} = door

const folder = join(import.meta.dirname, '.written')
let count = 0
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function roundTrip(operations: readonly Operation[], dependencies: readonly door.Dependency[] = []) {
  mkdirSync(folder, { recursive: true })
  const text = writeMigration({ operations, dependencies })
  const file = join(folder, `m${++count}.ts`)
  writeFileSync(file, text)
  const read = ((await import(/* @vite-ignore */ pathToFileURL(file).href)) as { default: door.DeclaredMigration })
    .default
  return { text, read, file }
}

/** Operations without their functions. */
const plain = (operations: readonly Operation[]) =>
  JSON.parse(
    JSON.stringify(
      operations.map(({ type, args }) => ({ type, args })),
      show,
    ),
  )
const show = (_: string, value: unknown) =>
  typeof value === 'bigint' ? `${value}n` : value instanceof Uint8Array ? [...value] : value

const library: readonly Operation[] = [
  createModel(
    'Book',
    {
      id: f.autoId(),
      title: f.char({ maxLength: 200 }),
      author: f.foreignKey('library.Author', { onDelete: 'cascade', null: true }),
      owner: f.foreignKey(userModel, { onDelete: 'setNull', null: true }),
      tags: f.manyToMany('library.Tag', { through: 'library.Tagging' }),
      shape: f.of('geometry', 'point', { srid: 4326 }),
      prefs: f.json({ default: { "it's": [1, null, true], 'two words': { deep: -1.5 } } }),
      big: f.bigInteger({ default: 9007199254740993n }),
      since: f.dateTime({ default: new Date('2026-01-02T03:04:05.678Z') }),
      bytes: f.binary({ default: Uint8Array.of(1, 255) }),
    },
    {
      ordering: ['-title', 'id'],
      indexes: [
        index(['title'], { name: 'by_title' }),
        index(['-title'], { name: 'live', where: { title__isnull: false } }),
      ],
      constraints: [
        unique(['author', 'title'], { name: 'one' }),
        check({ title__gte: 'a', id__lt: F('big') }, { name: 'from_a' }),
      ],
    },
  ),
  addField('Book', 'pages', f.integer(), { fill: 0 }),
  addField('Book', 'seen', f.dateTime(), { fill: now }),
  alterField('Book', 'title', f.text({ default: 'a "quoted" \'text\'\n\u2028' })),
  renameField('Book', 'title', 'name'),
  renameModel('Book', 'Novel'),
  alterModelOptions('Novel', {}),
  alterModelTable('Novel', null),
  addIndex('Novel', index(['name'], { name: 'n' })),
  addConstraint('Novel', unique(['name'], { name: 'u', where: { pages__gt: 3 } })),
  runSql(['update x set y = 1', ''], { reverse: '' }),
  separateDatabaseAndState({ state: [deleteModel('Novel')], database: [runSql('drop table library_novel')] }),
]

describe('writeMigration()', () => {
  test('MIG-22 test_simple_migration: a written file reads back as the same operations and dependencies', async () => {
    const dependencies: door.Dependency[] = [userModel, ['accounts', '0001_initial'], ['library', '0007_x']]
    const { read } = await roundTrip(library, dependencies)
    expect(plain(read.operations)).toEqual(plain(library))
    expect(read.dependencies).toEqual(dependencies)
  })

  test('a file is short and readable', async () => {
    const { text } = await roundTrip(
      [
        createModel(
          'Book',
          {
            id: f.autoId(),
            title: f.char({ maxLength: 200 }),
            author: f.foreignKey('library.Author', { onDelete: 'cascade' }),
          },
          { ordering: ['title'], constraints: [unique(['author', 'title'], { name: 'one_title' })] },
        ),
        addField('Author', 'born', f.date({ null: true })),
      ],
      [['accounts', '0001_initial']],
    )
    expect(text).toBe(`import { addField, createModel, fields, migration, unique } from 'nuages/db/migrations'

export default migration({
  dependencies: [['accounts', '0001_initial']],
  operations: [
    createModel(
      'Book',
      {
        id: fields.autoId(),
        title: fields.char({ maxLength: 200 }),
        author: fields.foreignKey('library.Author', { onDelete: 'cascade' }),
      },
      { ordering: ['title'], constraints: [unique(['author', 'title'], { name: 'one_title' })] },
    ),
    addField('Author', 'born', fields.date({ null: true })),
  ],
})
`)
  })

  test('what is written is formatted already', async () => {
    const { text } = await roundTrip(library, [
      ['a', '0001_initial'],
      ['b', '0001_initial'],
    ])
    const formatted = execFileSync('biome', ['check', '--write', '--stdin-file-path=src/m.ts'], {
      input: text,
      encoding: 'utf8',
    })
    expect(text).toBe(formatted)
  })

  test('MIG-22 test_sorted_dependencies: the same changes give the same text', () => {
    expect(writeMigration({ operations: library })).toBe(writeMigration({ operations: library }))
  })

  test.each([
    ['a function', () => 1],
    ['an instance of a class', new Map()],
    ['a symbol', Symbol('x')],
  ])('%s cannot be written, and the error says where it is', (_, value) => {
    const broken = addField('Book', 'pages', f.integer({ default: value }))
    expect(() => writeMigration({ operations: [broken] })).toThrow(
      expect.objectContaining({
        code: 'migrations.cannot-write',
        message: expect.stringContaining('Add field pages to Book'),
      }),
    )
  })
})

test('MIG-09 atomic is written as it was said, true and false', async () => {
  for (const atomic of [true, false]) expect(writeMigration({ atomic, operations: [] })).toContain(`atomic: ${atomic},`)
  expect(writeMigration({ operations: [] })).not.toContain('atomic')
})
