import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { char, foreignKey, integer, manyToMany, uuid } from 'nuages/db'
import { postMigrate } from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { captureOutput } from '../../src/cli/index.ts'
import migrateCommand from '../../src/db/commands/migrate.ts'
import showmigrations from '../../src/db/commands/showmigrations.ts'
import sqlmigrate from '../../src/db/commands/sqlmigrate.ts'
import { migrationFindings, unappliedMigrations } from '../../src/db/migrations/internal.ts'
import { rows, run } from './history.ts'
import { call, closeProject, files, make, migrate, openProject, project, root } from './project.ts'

beforeEach(openProject)
afterEach(closeProject)

const title = char({ maxLength: 200 })
const first = { library: { Book: { fields: { title } } } }

describe('makemigrations', () => {
  test('MIG-04 test_migration_path: writes a file, says what is in it, and then has nothing more to do', async () => {
    const made = await make(project(first))
    expect(made).toEqual({
      code: 0,
      text: 'Migration library/migrations/0001_initial.ts\n  - Create model Book\n',
      errors: '',
    })
    expect(readFileSync(join(root, 'library/migrations/0001_initial.ts'), 'utf8')).toBe(
      `import { createModel, fields, migration } from 'nuages/db/migrations'

export default migration({
  operations: [
    createModel('Book', {
      id: fields.autoId(),
      title: fields.char({ maxLength: 200 }),
    }),
  ],
})
`,
    )
    expect(await make(project(first))).toMatchObject({ code: 0, text: 'No changes.\n' })
  })

  test('what a model says beside its table changes nothing', async () => {
    await make(project(first))
    const noted = char({
      maxLength: 200,
      verboseName: 'the title',
      helpText: 'Short.',
      blank: true,
      validators: [() => {}],
    })
    expect(await make(project({ library: { Book: { fields: { title: noted } } } }))).toMatchObject({
      text: 'No changes.\n',
    })
  })

  test('--check writes nothing and exits with 1', async () => {
    const checked = await make(project(first), { check: true })
    expect(checked.code).toBe(1)
    expect(checked.errors).toContain('nuages makemigrations')
    expect(() => files()).toThrow()
    await make(project(first))
    expect((await make(project(first), { check: true })).code).toBe(0)
  })

  test('--dry-run prints the file and writes nothing', async () => {
    const printed = await make(project(first), { dryRun: true })
    expect(printed.text).toContain("createModel('Book', {")
    expect(() => files()).toThrow()
  })

  test('--name, and numbers that go on', async () => {
    await make(project(first))
    await make(project({ library: { Book: { fields: { title, pages: integer({ null: true }) } } } }), {
      name: 'lengths',
    })
    expect(files()).toEqual(['0001_initial.ts', '0002_lengths.ts'])
    await expect(make(project(first), { name: '../x' })).rejects.toMatchObject({ code: 'cli.usage' })
  })

  test('renames and fills are told by flags, and refused without them', async () => {
    await make(project(first))
    const renamed = project({ library: { Book: { fields: { name: title, pages: integer() } } } })
    await expect(make(renamed)).rejects.toMatchObject({ code: 'migrations.unanswered' })
    await expect(make(renamed, { rename: ['library.Book.title:name'] })).rejects.toMatchObject({
      code: 'migrations.default-unanswered',
    })
    await make(renamed, { rename: ['library.Book.title:name'], default: ['library.Book.pages=1'] })
    expect(files()).toEqual(['0001_initial.ts', '0002_rename_title_book_name_book_pages.ts'])
    await expect(make(renamed, { rename: ['library.Book.titel:name'] })).rejects.toMatchObject({
      code: 'migrations.unused-answer',
    })
  })

  test('a default computed in code becomes a fill that is written down', async () => {
    await make(project(first))
    await make(project({ library: { Book: { fields: { title, key: uuid({ auto: 4 }) } } } }))
    const text = readFileSync(join(root, 'library/migrations/0002_book_key.ts'), 'utf8')
    expect(text).toMatch(/addField\('Book', 'key', fields\.uuid\(\{ auto: 4 \}\), \{ fill: '[0-9a-f-]{36}' \}\)/)
  })

  test('--empty makes a file to be filled by hand', async () => {
    await make(project(first))
    await make(project(first), { empty: true, name: 'data' }, ['library'])
    expect(readFileSync(join(root, 'library/migrations/0002_data.ts'), 'utf8')).toBe(
      `import { migration } from 'nuages/db/migrations'

export default migration({
  dependencies: [['library', '0001_initial']],
  operations: [],
})
`,
    )
  })

  test('without --name a file for the hand is called custom, one of data data: not by the minute', async () => {
    await make(project(first))
    await make(project(first), { empty: true }, ['library'])
    await make(project(first), { data: true }, ['library'])
    expect(files()).toEqual(['0001_initial.ts', '0002_custom.ts', '0003_data.models.ts', '0003_data.ts'])
  })

  test('an unknown app is refused by name', async () => {
    await expect(make(project(first), {}, ['libary'])).rejects.toMatchObject({
      code: 'migrations.unknown-app',
      hint: 'Did you mean "library"?',
    })
  })

  test('installed packages get no migrations from a project', async () => {
    const installed = project(first, { root: join(root, 'node_modules') })
    expect((await make(installed)).text).toBe('No changes.\n')
    await expect(make(installed, {}, ['library'])).rejects.toMatchObject({ code: 'migrations.foreign-app' })
  })

  test('two branches are refused until --merge joins them', async () => {
    await make(project(first))
    const branch = (name: string, operations: string, names: string) =>
      writeFileSync(
        join(root, `library/migrations/${name}.ts`),
        `import { ${names}, fields, migration } from 'nuages/db/migrations'
export default migration({ dependencies: [['library', '0001_initial']], operations: [${operations}] })`,
      )
    branch('0002_isbn', "addField('Book', 'isbn', fields.text({ null: true }))", 'addField')
    branch('0002_pages', "addField('Book', 'pages', fields.integer({ null: true }))", 'addField')
    await expect(make(project(first))).rejects.toMatchObject({ code: 'migrations.conflict' })
    const merged = await make(project(first), { merge: true })
    expect(merged.text).toBe(
      'Migration library/migrations/0003_merge_0002_isbn_0002_pages.ts\n  library.0002_isbn\n  library.0002_pages\n',
    )
    await migrate(project(first))
    branch('0004_name', "renameField('Book', 'title', 'name')", 'renameField')
    branch('0004_text', "alterField('Book', 'title', fields.text())", 'alterField')
    await expect(make(project(first), { merge: true })).rejects.toMatchObject({ code: 'migrations.cannot-merge' })
  })
})

describe('MIG-06 a merge of long names', () => {
  test('is named for the branches, the same at any time', async () => {
    await make(project(first))
    for (const name of ['0002_alter_book_title_and_many_more_words', '0002_book_pages_book_isbn_book_shelf'])
      writeFileSync(
        join(root, `library/migrations/${name}.ts`),
        `import { migration } from 'nuages/db/migrations'
export default migration({ dependencies: [['library', '0001_initial']], operations: [] })`,
      )
    await make(project(first), { merge: true })
    expect(files()).toContain('0003_merge_0002_alter_book_0002_book_pages_book.ts')
  })
})

describe('migrate', () => {
  test('MIG-11 test_migrate_prune, test_prune_respect_app_label: tells of an applied migration that has lost its file', async () => {
    await make(project(first))
    await make(project({ library: { Book: { fields: { title, pages: integer({ null: true }) } } } }))
    await migrate(project(first))
    rmSync(join(root, 'library/migrations/0002_book_pages.ts'))
    const told = await migrate(project(first))
    expect(told.text).toBe('Nothing to migrate.\n')
    expect(told.errors).toContain('Applied, and without a file: library.0002_book_pages.')
    expect(told.errors).toContain('nuages migrate library --prune')
    const pruned = await migrate(project(first), { prune: true }, { app: 'library' })
    expect(pruned).toMatchObject({ text: 'Forgot library.0002_book_pages\n', errors: '' })
    expect((await migrate(project(first))).errors).toBe('')
  })

  test('MIG-11 test_prune_no_migrations_to_prune, test_prune_no_app_label: nothing to forget is said, and whose records is asked', async () => {
    await make(project(first))
    await migrate(project(first))
    expect((await migrate(project(first), { prune: true }, { app: 'library' })).text).toBe('Nothing to prune.\n')
    await expect(migrate(project(first), { prune: true })).rejects.toMatchObject({
      code: 'cli.usage',
      message: expect.stringContaining('--prune needs the name of an app'),
    })
  })

  test('applies, tells each one, and sends postMigrate when all is there', async () => {
    const told: string[] = []
    const stop = postMigrate.connect(({ apps, alias }) => void told.push(`${apps.map((app) => app.name)} ${alias}`))
    await make(project(first))
    expect(await unappliedMigrations({ apps: project(first).apps.apps, user: null })).toEqual(['library.0001_initial'])
    expect((await migrate(project(first), { check: true })).code).toBe(1)
    expect((await migrate(project(first), { plan: true })).text).toBe('library.0001_initial\n  - Create model Book\n')
    expect(told).toEqual([])
    expect(await migrate(project(first))).toEqual({
      code: 0,
      text: 'Applying library.0001_initial ... done\n',
      errors: '',
    })
    expect(told).toEqual(['library default'])
    expect((await migrate(project(first))).text).toBe('Nothing to migrate.\n')
    expect((await migrate(project(first), { check: true })).code).toBe(0)
    const back = await migrate(project(first), {}, { app: 'library', migration: 'zero' })
    expect(back.text).toBe('Undoing library.0001_initial ... done\n')
    expect(told).toHaveLength(2)
    stop()
  })

  test('what is applied is not read again until there is something to do', async () => {
    await migrate(project(first), { make: true })
    const file = join(root, 'library/migrations/0001_initial.ts')
    renameSync(file, `${file}.kept`)
    writeFileSync(file, "throw new Error('this file was read')\n")
    expect(await migrate(project(first))).toEqual({ code: 0, text: 'Nothing to migrate.\n', errors: '' })
    expect(await unappliedMigrations({ apps: project(first).apps.apps, user: null })).toEqual([])
    writeFileSync(join(root, 'library/migrations/0002_more.ts'), 'export {}\n')
    await expect(migrate(project(first))).rejects.toMatchObject({ code: expect.stringMatching(/^migrations\./) })
  })

  test('--make writes and applies in one go', async () => {
    const made = await migrate(project(first), { make: true })
    expect(made.text).toBe(
      'Migration library/migrations/0001_initial.ts\n  - Create model Book\nApplying library.0001_initial ... done\n',
    )
    await run("insert into library_book (title) values ('Nuages')")
    const more = { library: { Book: { fields: { title, pages: integer({ default: 3 }) } } } }
    await migrate(project(more), { make: true })
    expect(await rows('select title, pages from library_book')).toEqual([['Nuages', 3]])
    expect((await make(project(more))).text).toBe('No changes.\n')
  })

  test('apps, circles, many-to-many and the user model come up and go down', async () => {
    const cascade = { onDelete: 'cascade' } as const
    // Labels stand for models that are not classes here.
    const to = (label: string) => label as never
    const apps = {
      accounts: {
        User: { fields: { name: title, favourite: () => foreignKey(to('shop.Item'), { null: true, ...cascade }) } },
      },
      shop: {
        Item: {
          fields: { owner: () => foreignKey(to('accounts.User'), cascade), tags: () => manyToMany(to('shop.Tag')) },
        },
        Tag: { fields: { name: title } },
      },
    }
    await migrate(project(apps, { user: 'accounts.User' }), { make: true })
    expect((await make(project(apps, { user: 'accounts.User' }))).text).toBe('No changes.\n')
    expect(await unappliedMigrations({ apps: project(apps).apps.apps, user: 'accounts.User' })).toEqual([])
    expect(
      (await rows("select name from sqlite_master where type = 'table' and name like 'shop%' order by 1")).flat(),
    ).toEqual(['shop_item', 'shop_item_tags', 'shop_tag'])
    await migrate(project(apps), {}, { app: 'accounts', migration: 'zero' })
    await migrate(project(apps), {}, { app: 'shop', migration: 'zero' })
    expect(await rows("select count(*) from sqlite_master where name like 'shop%' or name like 'accounts%'")).toEqual([
      [0],
    ])
  })

  test('a file that is no migration, or has a mistake, is named', async () => {
    await make(project(first))
    writeFileSync(join(root, 'library/migrations/0002_broken.ts'), 'export default {')
    await expect(migrate(project(first))).rejects.toMatchObject({
      code: 'migrations.cannot-import',
      message: expect.stringContaining('0002_broken.ts'),
    })
    writeFileSync(join(root, 'library/migrations/0002_broken.ts'), 'export const x = 1')
    rmSync(join(root, 'library/migrations/0002_broken.ts'))
    writeFileSync(join(root, 'library/migrations/0002_other.ts'), 'export const x = 1')
    await expect(migrate(project(first))).rejects.toMatchObject({ code: 'migrations.not-a-migration' })
    rmSync(join(root, 'library/migrations/0002_other.ts'))
    writeFileSync(
      join(root, 'library/migrations/0002_hole.js'),
      "import { migration } from 'nuages/db/migrations'\nexport default migration({ operations: [undefined] })",
    )
    await expect(migrate(project(first))).rejects.toMatchObject({
      code: 'migrations.not-a-migration',
      message: expect.stringContaining('number 1 of its operations is none'),
    })
  })

  test('only files that begin with a number are read; of .ts and .js one', async () => {
    await make(project(first))
    const folder = join(root, 'library/migrations')
    for (const name of ['helpers.ts', '0001_initial.d.ts', 'README.md']) writeFileSync(join(folder, name), 'nonsense {')
    writeFileSync(join(folder, '0001_initial.js'), 'nonsense {')
    expect((await migrate(project(first))).code).toBe(0)
    const built = join(root, 'dist', 'library')
    mkdirSync(join(built, 'migrations'), { recursive: true })
    writeFileSync(join(built, 'migrations/0001_initial.ts'), 'nonsense {')
    writeFileSync(join(built, 'migrations/0001_initial.js'), readFileSync(join(folder, '0001_initial.ts'), 'utf8'))
    expect((await migrate(project(first, { root: join(root, 'dist') }))).text).toBe('Nothing to migrate.\n')
  })
})

describe('showmigrations and sqlmigrate', () => {
  test('list what is applied', async () => {
    const both = { ...first, blog: {} }
    await migrate(project(both), { make: true })
    await make(project({ ...both, library: { Book: { fields: { title, pages: integer({ null: true }) } } } }))
    const show = (options: object, apps: string[] = []) =>
      call(showmigrations, project(both), { apps }, { database: 'default', plan: false, json: false, ...options })
    expect((await show({})).text).toBe('library\n [X] 0001_initial\n [ ] 0002_book_pages\nblog\n (no migrations)\n')
    expect((await show({ plan: true }, ['library'])).text).toBe(
      '[X] library.0001_initial\n[ ] library.0002_book_pages\n',
    )
    expect(JSON.parse((await show({ json: true })).text)).toContainEqual({
      app: 'library',
      name: '0002_book_pages',
      applied: false,
    })
    await run("insert into nuages_migrations (app, name, applied) values ('library', '0002_other', '2026-01-01')")
    expect((await show({}, ['library'])).text).toBe(
      'library\n [X] 0001_initial\n [ ] 0002_book_pages\n [X] 0002_other (no file)\n',
    )
    await expect(show({}, ['x'])).rejects.toMatchObject({ code: 'migrations.unknown-app' })
  })

  test('MIG-07 one that stopped half-way is neither applied nor not', async () => {
    await make(project(first))
    const fails = "addField, fields, migration, runSql } from 'nuages/db/migrations'"
    writeFileSync(
      join(root, 'library/migrations/0002_two.ts'),
      `import { ${fails}
export default migration({ dependencies: [['library', '0001_initial']], atomic: false, operations: [
  addField('Book', 'isbn', fields.text({ null: true })), runSql('selec 1', { reverse: '' })] })`,
    )
    const show = async (plan: boolean) =>
      (await call(showmigrations, project(first), { apps: [] }, { database: 'default', plan, json: false })).text
    const out = captureOutput()
    const options = { database: 'default', rename: [], default: [], noInput: true }
    const context = { args: {}, options, out, project: project(first) }
    await expect(migrateCommand.run(context as never)).rejects.toMatchObject({ code: 'migrations.failed' })
    expect(out.text).toContain('Applying library.0002_two ... failed\n')
    expect(await show(false)).toBe('library\n [X] 0001_initial\n [~] 0002_two (stopped: 1 of 2 operations)\n')
    expect(await show(true)).toContain('[~] library.0002_two (stopped: 1 of 2 operations)')
    await migrate(project(first), {}, { app: 'library', migration: '0001' })
    expect(await show(false)).toContain(' [ ] 0002_two\n')
  })

  test('print the SQL and touch nothing', async () => {
    await make(project(first))
    const print = (backwards: boolean) =>
      call(sqlmigrate, project(first), { app: 'library', migration: '0001' }, { database: 'default', backwards })
    expect((await print(false)).text).toBe(
      'BEGIN;\n-- Create model Book\nCREATE TABLE "library_book" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "title" varchar(200) NOT NULL);\nCOMMIT;\n',
    )
    expect((await print(true)).text).toContain('DROP TABLE "library_book";')
    expect(await rows('select count(*) from sqlite_master')).toEqual([[0]])
  })
})

test('where nothing is to be applied migrate reads no file that was, as the guide says; check reads all', async () => {
  await make(project(first))
  await migrate(project(first))
  // Not one that this process has read already.
  writeFileSync(join(root, 'library/migrations/0002_more.ts'), 'export default (')
  await run(
    "insert into nuages_migrations (app, name, applied) select app, '0002_more', applied from nuages_migrations",
  )
  expect((await migrate(project(first))).text).toBe('Nothing to migrate.\n')
  const described = { apps: project(first).apps.apps, user: null }
  expect(await migrationFindings(described)).toMatchObject([{ id: 'migrations.E001', level: 'error' }])
})
