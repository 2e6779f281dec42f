// MIG-03, MIG-04, MIG-06, MIG-12: what makemigrations and optimizemigration write, and the line by which git tells of a conflict.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { char, foreignKey, integer, text } from 'nuages/db'
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
  test('MIG-04 test_makemigrations_update: puts changes into the last migration: one file, with fewer operations, named anew', async () => {
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

  test('MIG-04 test_makemigrations_update_existing_name: the first one stays initial', async () => {
    await make(book({}))
    await make(book({ pages: integer() }), { update: true, default: ['library.Book.pages=1'] })
    expect(files()).toEqual(['0001_initial.ts'])
  })

  test('MIG-04 test_makemigrations_update_applied_migration, test_makemigrations_update_manual_porting: is refused for one that is applied or has code', async () => {
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

  test('MIG-04 test_makemigrations_update_no_migration: without a migration there is nothing to update', async () => {
    await expect(make(book({}), { update: true })).rejects.toMatchObject({ code: 'migrations.cannot-update' })
  })
})

test('MIG-04 test_makemigrations_scriptable: --scriptable prints the paths alone; what people read goes to stderr', async () => {
  const made = await make(book({}), { scriptable: true })
  expect(made.text).toBe('library/migrations/0001_initial.ts\n')
  const nothing = await make(book({}), { scriptable: true })
  expect(nothing).toMatchObject({ text: '', errors: 'No changes.\n' })
})

test('MIG-06 test_makemigrations_scriptable_merge: of a merge, too', async () => {
  await make(book({}))
  for (const name of ['left', 'right'])
    write(
      `0002_${name}.ts`,
      "import { migration } from 'nuages/db/migrations'\n" +
        "export default migration({ dependencies: [['library', '0001_initial']], operations: [] })",
    )
  expect(await make(book({}), { merge: true, scriptable: true })).toMatchObject({
    text: 'library/migrations/0003_merge_0002_left_0002_right.ts\n',
  })
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

describe('--update of a migration that others need', () => {
  const refused = async (given: ReturnType<typeof book>, reason: string) =>
    expect(make(given, { update: true }, ['library'])).rejects.toMatchObject({
      code: 'migrations.cannot-update',
      message: expect.stringContaining(reason),
    })

  test('MIG-04 test_makemigrations_update_squash_migration: a squashed one is not', async () => {
    await make(book({}))
    write(
      '0001_squashed_0001.ts',
      read('0001_initial.ts').replace('operations', "replaces: [['library', '0001_initial']],\n  operations"),
    )
    await refused(book({ pages: integer({ null: true }) }), 'library.0001_squashed_0001 cannot be updated')
  })

  test('MIG-04 test_makemigrations_update_dependency_migration: nor one that another app stands on', async () => {
    const shop = { Order: { fields: { book: () => foreignKey('library.Book' as never, { onDelete: 'cascade' }) } } }
    await make(project({ library: { Book: { fields: { title } } }, shop }))
    const more = project({ library: { Book: { fields: { title, pages: integer({ null: true }) } } }, shop })
    await refused(more, 'shop.0001_initial')
  })

  test('MIG-04 test_makemigrations_update_custom_name: --name gives it another', async () => {
    await make(book({}))
    await make(book({ pages: integer({ null: true }) }))
    await make(book({ isbn: integer({ null: true }) }), { update: true, name: 'other', noRenames: true })
    expect(files()).toEqual(['0001_initial.ts', '0002_other.ts'])
  })
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

  test('MIG-12 test_optimization, test_optimization_no_verbosity: writes the file anew with fewer operations', async () => {
    await make(book({}))
    write('0001_initial.ts', long)
    const made = await optimize()
    expect(made.text).toBe('library.0001_initial: 3 operations become 1.\n  - Create model Book\n')
    expect(read('0001_initial.ts')).toContain(
      "createModel('Book', {\n      id: fields.autoId(),\n      title: fields.char",
    )
  })

  test('MIG-12 test_optimizemigration_check: --check writes nothing and exits with 1', async () => {
    await make(book({}))
    write('0001_initial.ts', long)
    expect((await optimize(true)).code).toBe(1)
    expect(read('0001_initial.ts')).toBe(long)
  })

  test('MIG-12 test_no_optimization_possible: one that is short already stays as it is', async () => {
    await make(book({}))
    const before = read('0001_initial.ts')
    expect(await optimize()).toMatchObject({ code: 0, text: 'library.0001_initial has nothing to optimize.\n' })
    expect(read('0001_initial.ts')).toBe(before)
  })

  test.each([
    [
      'test_optimizemigration_nonexistent_app_label',
      { app: 'nothing', migration: '0001' },
      'migrations.unknown-migration',
    ],
    ['test_ambigious_prefix', { app: 'library', migration: '000' }, 'migrations.ambiguous-name'],
    ['of a number that is not there', { app: 'library', migration: '0009' }, 'migrations.unknown-migration'],
  ])('MIG-12 %s', async (_, args, code) => {
    await make(book({}))
    await make(book({ pages: integer({ null: true }) }))
    await expect(call(optimizemigration, book({}), args, { check: false })).rejects.toMatchObject({ code })
  })

  test('MIG-12 test_creates_replace_migration_manual_porting, test_fails_squash_migration_manual_porting: code is not written anew', async () => {
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
