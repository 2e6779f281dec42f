// MIG-02, MIG-04, MIG-06: makemigrations as people call it. The topics are those of django/tests/migrations/test_commands.py.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { integer, text, uuid } from 'nuages/db'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { closeDatabases } from '../../src/db/internal.ts'
import { book, branch, library, pages, title } from './books.ts'
import { schema } from './history.ts'
import { closeProject, files, make, migrate, openProject, project, read, root, write } from './project.ts'

beforeEach(openProject)
afterEach(closeProject)

const tables = async () => (await schema()).map(({ name }) => name).sort()

describe('makemigrations', () => {
  const exists = () => {
    try {
      return files()
    } catch {
      return []
    }
  }

  test('MIG-04 test_makemigrations_order: numbers count on, whatever their length', async () => {
    await make(library())
    branch('0009_nine', '0001_initial', 'nine')
    branch('0010_ten', '0009_nine', 'ten')
    const given = library({ nine: text({ null: true }), ten: text({ null: true }), last: text({ null: true }) })
    await make(given)
    expect(files()).toContain('0011_book_last.ts')
  })

  test('MIG-04 test_makemigrations_empty_connections, test_makemigrations_no_apps_initial, test_makemigrations_migrations_announce, test_makemigrations_migration_path_output: it asks no database', async () => {
    await closeDatabases()
    const made = await make(library())
    expect(made).toMatchObject({
      code: 0,
      text: 'Migration library/migrations/0001_initial.ts\n  - Create model Book\n',
    })
    expect(files()).toEqual(['0001_initial.ts'])
  })

  test('MIG-04 test_makemigrations_no_changes, test_makemigrations_no_changes_no_apps', async () => {
    await make(library())
    expect((await make(library())).text).toBe('No changes.\n')
    expect((await make(library(), {}, ['library'])).text).toBe('No changes in library.\n')
    expect((await make(project({}))).text).toBe('No changes.\n')
  })

  test('MIG-04 test_files_content: what is written names its fields, once', async () => {
    await make(library(pages))
    expect(read('0001_initial.ts').match(/createModel\('Book'/g)).toHaveLength(1)
    expect(read('0001_initial.ts')).toContain('pages: fields.integer({ null: true }),')
  })

  test('MIG-02 a unique field whose value was computed once says that two rows do not fit', async () => {
    await make(library())
    const made = await make(library({ token: uuid({ unique: true, default: () => crypto.randomUUID() }) }))
    expect(made.errors).toMatch(/all get "[0-9a-f-]{36}", and Book\.token is unique: with two of them it fails/)
    const quiet = await make(library({ token: uuid({ unique: true, null: true, default: () => crypto.randomUUID() }) }))
    expect(quiet.errors).not.toContain('is unique')
  })

  test('MIG-04 test_makemigrations_dry_run, test_makemigrations_dry_run_verbosity_3: the text, and no file', async () => {
    await make(library())
    const printed = (await make(library(pages), { dryRun: true })).text
    expect(printed).toContain('  - Add field pages to Book\n')
    expect(printed).toContain("addField('Book', 'pages', fields.integer({ null: true }))")
    expect(files()).toEqual(['0001_initial.ts'])
  })

  test('MIG-04 test_makemigrations_check, test_makemigrations_check_with_changes, test_makemigrations_check_no_changes, test_makemigrations_with_custom_name, test_makemigrations_with_invalid_custom_name', async () => {
    expect((await make(library(), { check: true })).code).toBe(1)
    expect(exists()).toEqual([])
    await make(library(), { name: 'own_name' })
    expect(files()).toEqual(['0001_own_name.ts'])
    expect((await make(library(), { check: true })).code).toBe(0)
    await expect(make(library(pages), { name: 'not a name' })).rejects.toMatchObject({ code: 'cli.usage' })
  })

  test('MIG-04 test_makemigrations_empty_migration, test_makemigrations_empty_no_app_specified', async () => {
    await expect(make(library(), { empty: true })).rejects.toMatchObject({ code: 'cli.usage' })
    await make(library(), { empty: true, name: 'nothing' }, ['blog'])
    expect(read('0001_nothing.ts', 'blog')).toContain('operations: []')
    await expect(make(library(), { empty: true }, ['nothing'])).rejects.toMatchObject({
      code: 'migrations.unknown-app',
    })
  })

  test.each([
    ['test_makemigrations_non_interactive_not_null_addition', { size: integer() }, 'migrations.default-unanswered'],
    ['test_makemigrations_non_interactive_no_field_rename', { heading: title }, 'migrations.rename-unanswered'],
  ])('MIG-02 %s: refused where nobody can be asked', async (topic, fields, code) => {
    await make(library())
    const given = topic.includes('rename') ? project({ library: { Book: { fields } }, blog: {} }) : library(fields)
    await expect(make(given)).rejects.toMatchObject({ code })
    expect(files()).toEqual(['0001_initial.ts'])
  })

  test('MIG-02 test_makemigrations_non_interactive_not_null_alteration, test_makemigrations_non_interactive_no_model_rename', async () => {
    await make(library(pages))
    await expect(make(library({ pages: integer() }))).rejects.toMatchObject({ code: 'migrations.default-unanswered' })
    const renamed = project({ library: { Novel: { fields: { title, ...pages } } }, blog: {} })
    await expect(make(renamed)).rejects.toMatchObject({ code: 'migrations.rename-unanswered' })
    expect(files()).toEqual(['0001_initial.ts'])
  })

  test('MIG-04 test_makemigrations_nonexistent_app_label', async () => {
    await expect(make(library(), {}, ['nothing'])).rejects.toMatchObject({ code: 'migrations.unknown-app' })
  })
})

describe('makemigrations, where branches end side by side', () => {
  const given = (fields: object = {}) => project({ library: book(fields), shop: book() })
  beforeEach(async () => {
    await make(given())
    branch('0002_a', '0001_initial', 'a')
    branch('0002_b', '0001_initial', 'b')
  })

  test('MIG-06 test_makemigrations_conflict_exit', async () => {
    await expect(make(given())).rejects.toMatchObject({ code: 'migrations.conflict' })
  })

  test('MIG-06 test_makemigrations_unspecified_app_with_conflict_no_merge: another app goes on', async () => {
    const more = project({ library: book(), shop: book(pages) })
    expect((await make(more, {}, ['shop'])).text).toContain('Add field pages to Book')
    await expect(make(more, {}, ['library'])).rejects.toMatchObject({ code: 'migrations.conflict' })
  })

  test('MIG-06 test_makemigrations_unspecified_app_with_conflict_merge: joins what it was told to', async () => {
    expect((await make(given(), { merge: true }, ['shop'])).text).toBe('No branches to join.\n')
    expect(files()).toHaveLength(3)
    expect((await make(given(), { merge: true }, ['library'])).text).toContain('0003_merge_0002_a_0002_b.ts')
  })

  test('MIG-06 test_makemigration_merge_dry_run, test_makemigration_merge_dry_run_verbosity_3', async () => {
    const printed = (await make(given(), { merge: true, dryRun: true })).text
    expect(printed).toContain("['library', '0002_a'],\n    ['library', '0002_b'],")
    expect(files()).toHaveLength(3)
  })

  test('MIG-06 test_makemigrations_handle_merge, test_makemigrations_auto_merge_name, test_makemigrations_merge_no_conflict', async () => {
    expect((await make(given(), { merge: true })).text).toBe(
      'Migration library/migrations/0003_merge_0002_a_0002_b.ts\n  library.0002_a\n  library.0002_b\n',
    )
    expect((await make(given(), { merge: true })).text).toBe('No branches to join.\n')
    await migrate(given())
    expect(
      (await schema())
        .find(({ name }) => name === 'library_book')!
        .columns.map(({ name }) => name)
        .sort(),
    ).toEqual(['a', 'b', 'id', 'title'])
  })

  test('MIG-06 test_makemigrations_default_merge_name: long names give their number alone; one may be given', async () => {
    const long = 'x'.repeat(40)
    branch(`0002_${long}`, '0001_initial', 'c')
    const printed = (await make(given(), { merge: true, dryRun: true })).text
    expect(printed).toContain('0003_merge_0002_a_0002_b_0002.ts')
    await make(given(), { merge: true, name: 'together' })
    expect(files()).toContain('0003_together.ts')
  })

  test('MIG-06 test_makemigrations_merge_dont_output_dependency_operations: what both wait for in another app is not joined', async () => {
    const file = '0002_a.ts'
    write(
      file,
      read(file).replace("[['library', '0001_initial']]", "[['library', '0001_initial'], ['shop', '0001_initial']]"),
    )
    const text = (await make(given(), { merge: true })).text
    expect(text).not.toContain('shop')
  })

  test('MIG-06 test_makemigrations_no_common_ancestor: branches that begin apart', async () => {
    for (const name of ['0002_a', '0002_b']) rmSync(join(root, `library/migrations/${name}.ts`))
    write(
      '0002_apart.ts',
      "import { createModel, fields, migration } from 'nuages/db/migrations'\n" +
        "export default migration({ operations: [createModel('Shelf', { id: fields.autoId() })] })\n",
    )
    expect((await make(given(), { merge: true })).text).toContain('0003_merge_0001_initial_0002_apart.ts')
    await migrate(given())
    expect(await tables()).toEqual(['library_book', 'library_shelf', 'shop_book'])
  })
})
