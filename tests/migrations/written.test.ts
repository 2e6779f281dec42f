// MIG-03, MIG-04, MIG-06, MIG-12: what makemigrations and optimizemigration write, and the line by which git tells of a conflict.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { char, integer, text } from 'nuages/db'
import { registerMigrationValue } from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import optimizemigration from '../../src/db/commands/optimizemigration.ts'
import { migrationFindings } from '../../src/db/migrations/internal.ts'
import { call, closeProject, files, make, migrate, openProject, project, read, root, write } from './project.ts'

beforeEach(openProject)
afterEach(closeProject)

const title = char({ maxLength: 200 })
const book = (fields: object) => project({ library: { Book: { fields: { title, ...fields } } } })
const latest = () => readFileSync(join(root, 'library/migrations/latest.txt'), 'utf8')

describe('--update', () => {
  test('MIG-04 puts changes into the last migration: one file, with fewer operations, named anew', async () => {
    await make(book({}))
    await make(book({ pages: integer({ null: true }) }))
    const made = await make(book({ length: integer({ null: true }), isbn: text({ null: true }) }), {
      update: true,
      rename: ['library.Book.pages:length'],
    })
    expect(made.text).toContain('Migration library/migrations/0002_book_length_book_isbn.ts')
    expect(files()).toEqual(['0001_initial.ts', '0002_book_length_book_isbn.ts'])
    expect(read(files()[1]!)).toContain(`  dependencies: [['library', '0001_initial']],
  operations: [
    addField('Book', 'length', fields.integer({ null: true })),
    addField('Book', 'isbn', fields.text({ null: true })),
  ],`)
    expect(latest()).toBe('0002_book_length_book_isbn\n')
  })

  test('MIG-04 the first one stays initial, and a name given by hand stays', async () => {
    await make(book({}))
    await make(book({ pages: integer() }), { update: true, default: ['library.Book.pages=1'] })
    expect(files()).toEqual(['0001_initial.ts'])
  })

  test('MIG-04 is refused for one that is applied, has code, or that others depend on', async () => {
    await make(book({}))
    await migrate(book({}))
    const more = book({ pages: integer({ null: true }) })
    const refused = (reason: string) =>
      expect(make(more, { update: true })).rejects.toMatchObject({
        code: 'migrations.cannot-update',
        message: expect.stringContaining(reason),
      })
    await refused('library.0001_initial cannot be updated: it is applied.')
    write(
      '0002_code.ts',
      "import { migration, noop, runCode } from 'nuages/db/migrations'\n" +
        "export default migration({ dependencies: [['library', '0001_initial']], operations: [runCode(noop)] })",
    )
    await refused('is code')
  })

  test('MIG-04 without a migration there is nothing to update', async () => {
    await expect(make(book({}), { update: true })).rejects.toMatchObject({ code: 'migrations.cannot-update' })
  })
})

test('MIG-04 --scriptable prints the paths alone; what people read goes to stderr', async () => {
  const made = await make(book({}), { scriptable: true })
  expect(made.text).toBe('library/migrations/0001_initial.ts\n')
  const nothing = await make(book({}), { scriptable: true })
  expect(nothing).toMatchObject({ text: '', errors: 'No changes.\n' })
})

test('MIG-22 a file is the same however often it is written', async () => {
  const dry = async () => (await make(book({ pages: integer({ null: true }) }), { dryRun: true })).text
  expect(await dry()).toBe(await dry())
})

test('MIG-22 test_register_serializer: an instance of a class of the project is written as what was registered for it', async () => {
  class Money {
    readonly amount: number
    constructor(amount: number) {
      this.amount = amount
    }
  }
  class Euros extends Money {}
  const priced = () => book({ price: text({ default: new Euros(3) as never }) }) // a value that only a custom field would take
  await expect(make(priced())).rejects.toMatchObject({
    code: 'migrations.cannot-write',
    hint: expect.stringContaining('registerMigrationValue()'),
  })
  registerMigrationValue(Money, ({ amount }) => `${amount} EUR`)
  await make(priced())
  expect(read('0001_initial.ts')).toContain("price: fields.text({ default: '3 EUR' })")
})

describe('latest.txt', () => {
  const conflicts = async () =>
    (await migrationFindings({ apps: book({}).apps.apps, user: null })).filter(({ id }) => id === 'migrations.E002')

  test('MIG-06 names the last migration, and is one line', async () => {
    await make(book({}))
    expect(latest()).toBe('0001_initial\n')
    await make(book({ pages: integer({ null: true }) }))
    expect(latest()).toBe('0002_book_pages\n')
    expect(await conflicts()).toEqual([])
  })

  test('MIG-06 two branches that add a migration conflict in git, and --merge settles both', async () => {
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
        cwd: root,
        stdio: 'pipe',
      })
    git('init', '-q', '-b', 'main')
    const commit = (name: string) => {
      git('add', '-A')
      git('commit', '-q', '-m', name)
    }
    await make(book({}))
    commit('first')
    git('checkout', '-q', '-b', 'other')
    await make(book({ pages: integer({ null: true }) }))
    commit('pages')
    git('checkout', '-q', 'main')
    await make(book({ isbn: text({ null: true }) }))
    commit('isbn')
    expect(() => git('merge', '-q', 'other')).toThrow(/CONFLICT|Command failed/)
    expect(latest()).toContain('<<<<<<<')
    const found = await migrationFindings({ apps: book({}).apps.apps, user: null })
    expect(found.map(({ id }) => id)).toContain('migrations.E001')
    await make(book({}), { merge: true })
    expect(latest()).toBe('0003_merge_0002_book_isbn_0002_book_pages\n')
    expect(await conflicts()).toEqual([])
  })

  test('MIG-06 check says where the line and the files disagree, and --merge writes the line', async () => {
    await make(book({}))
    const path = join(root, 'library/migrations/latest.txt')
    writeFileSync(path, '0002_gone\n')
    expect(await conflicts()).toMatchObject([{ message: expect.stringContaining('names "0002_gone"') }])
    writeFileSync(path, '<<<<<<< ours\n0001_initial\n=======\n0001_other\n>>>>>>> theirs\n')
    expect(await conflicts()).toMatchObject([{ message: expect.stringContaining('holds a conflict') }])
    await make(book({}), { merge: true })
    expect(latest()).toBe('0001_initial\n')
  })
})

describe('optimizemigration', () => {
  const optimize = (check = false) =>
    call(optimizemigration, book({}), { app: 'library', migration: '0001' }, { check })
  const long = `import { addField, createModel, fields, migration, renameField } from 'nuages/db/migrations'

export default migration({
  operations: [
    createModel('Book', { id: fields.autoId() }),
    addField('Book', 'name', fields.char({ maxLength: 200 })),
    renameField('Book', 'name', 'title'),
  ],
})
`

  test('MIG-12 writes the file anew with fewer operations', async () => {
    await make(book({}))
    write('0001_initial.ts', long)
    const made = await optimize()
    expect(made.text).toBe('library.0001_initial: 3 operations become 1.\n  - Create model Book\n')
    expect(read('0001_initial.ts')).toContain(
      "createModel('Book', {\n      id: fields.autoId(),\n      title: fields.char",
    )
  })

  test('MIG-12 --check writes nothing and exits with 1', async () => {
    await make(book({}))
    write('0001_initial.ts', long)
    expect((await optimize(true)).code).toBe(1)
    expect(read('0001_initial.ts')).toBe(long)
  })

  test('MIG-12 one that is short already stays as it is', async () => {
    await make(book({}))
    const before = read('0001_initial.ts')
    expect(await optimize()).toMatchObject({ code: 0, text: 'library.0001_initial has nothing to optimize.\n' })
    expect(read('0001_initial.ts')).toBe(before)
  })

  test('MIG-12 code is not written anew', async () => {
    await make(book({}))
    write(
      '0001_initial.ts',
      long
        .replace("'title'),", "'title'),\n    runCode(noop),")
        .replace('migration, rename', 'migration, noop, runCode, rename'),
    )
    await expect(optimize()).rejects.toMatchObject({ code: 'migrations.cannot-rewrite' })
  })
})
