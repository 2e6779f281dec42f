// MIG-11. The topics are those of the squashing tests of Django's loader, executor and commands.
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { char, foreignKey, integer, text } from 'nuages/db'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import showmigrations from '../../src/db/commands/showmigrations.ts'
import squashmigrations from '../../src/db/commands/squashmigrations.ts'
import { rows, run, schema } from './history.ts'
import { call, closeProject, files, make, migrate, openProject, project, read, root, write } from './project.ts'

beforeEach(openProject)
afterEach(closeProject)

const title = char({ maxLength: 200 })
const stages = [
  { Book: { fields: { title } } },
  { Book: { fields: { title, pages: integer({ null: true }) } } },
  { Book: { fields: { title, pages: integer({ null: true }), isbn: text({ null: true }) } } },
  { Book: { fields: { title, isbn: text({ null: true }), year: integer({ null: true }) } } },
]
const at = (stage: number) => project({ library: stages[stage]! })

async function four() {
  for (const stage of stages.keys()) await make(at(stage), { noRenames: true })
}
const squash = (given = at(3), args: object = {}, options: object = {}) =>
  call(
    squashmigrations,
    given,
    { app: 'library', ...args },
    { noOptimize: false, finish: false, database: 'default', dryRun: false, ...options },
  )
const applied = async () =>
  (await rows('select name from nuages_migrations order by name')).map(([name]) => String(name).slice(0, 13))

describe('what is written', () => {
  test('MIG-11 test_squashmigrations_squashes: one migration with what is left, which names what it replaces', async () => {
    await four()
    const made = await squash(at(3), { last: '0004' })
    expect(made.text).toContain('5 operations become 1.')
    expect(read(files()[1]!)).toBe(`import { createModel, fields, migration } from 'nuages/db/migrations'

export default migration({
  replaces: [
    ['library', '0001_initial'],
    ['library', '0002_book_pages'],
    ['library', '0003_book_isbn'],
    ['library', '0004_remove_book_pages_book_year'],
  ],
  operations: [
    createModel('Book', {
      id: fields.autoId(),
      title: fields.char({ maxLength: 200 }),
      isbn: fields.text({ null: true }),
      year: fields.integer({ null: true }),
    }),
  ],
})
`)
    expect((await make(at(3))).text).toBe('No changes.\n')
  })

  test('MIG-11 test_ticket_23799_squashmigrations_no_optimize', async () => {
    await four()
    expect((await squash(at(3), { last: '0004' }, { noOptimize: true })).text).toContain('5 operations become 5.')
  })

  test('MIG-11 what somebody reviewed stays reviewed where it is written anew', async () => {
    await four()
    const file = files().at(-1)!
    const text = read(file)
      .replace("removeField('Book', 'pages')", "reviewed(removeField('Book', 'pages'), 'nobody\\'s')")
      .replace('removeField }', 'removeField, reviewed }')
    expect(text).toContain('reviewed(')
    write(file, text)
    await squash(at(3), { last: '0004', first: '0003' }, { noOptimize: true })
    const made = read('0003_squashed_0004_remove_book_pages_book_year.ts')
    expect(made).toContain(`reviewed(removeField('Book', 'pages'), "nobody's")`)
    expect(made).toMatch(/import \{.*\breviewed\b.*\} from/)
  })

  test('MIG-11 test_squashmigrations_valid_start, test_squashmigrations_initial_attribute: a range in the middle', async () => {
    await four()
    await squash(at(3), { last: '0003', first: '0002' })
    expect(read('0002_squashed_0003_book_isbn.ts')).toContain("dependencies: [['library', '0001_initial']]")
    expect(await migrate(at(3))).toMatchObject({
      text: expect.stringContaining('Applying library.0002_squashed_0003_book_isbn ... done'),
    })
    expect((await schema())[0]!.columns.map(({ name }) => name)).toEqual(['id', 'title', 'isbn', 'year'])
  })

  test('MIG-11 test_squashmigrations_invalid_start, and one alone', async () => {
    await four()
    await expect(squash(at(3), { last: '0002', first: '0003' })).rejects.toMatchObject({
      code: 'migrations.cannot-squash',
    })
    await expect(squash(at(3), { last: '0001' })).rejects.toMatchObject({ code: 'migrations.cannot-squash' })
    await expect(squash(at(3), {})).rejects.toMatchObject({ code: 'cli.usage' })
  })

  test('MIG-11 test_squashed_name_without_start_migration_name, test_squashed_name_exists', async () => {
    await four()
    await squash(at(3), { last: '0003' }, { name: 'until_isbn' })
    expect(files()).toContain('0001_until_isbn.ts')
    await expect(squash(at(3), { last: '0004' }, { name: 'until_isbn' })).rejects.toMatchObject({
      code: 'migrations.cannot-squash',
    })
  })

  test('MIG-11 --dry-run writes nothing', async () => {
    await four()
    expect((await squash(at(3), { last: '0004' }, { dryRun: true })).text).toContain('replaces: [')
    expect(files()).toHaveLength(4)
  })

  test('MIG-11 test_squashmigrations_optimizes, test_squashmigrations_manual_porting: elidable code goes, other code is taken from its file', async () => {
    await make(at(0))
    write('0002_old.ts', codeFile('0001_initial', 'elidable: true, '))
    write('0003_new.ts', codeFile('0002_old', ''))
    await make(at(1))
    const made = await squash(at(1), { last: '0004' })
    expect(made.text).toContain('4 operations become 3.')
    const text = read('0001_squashed_0004_book_pages.ts')
    expect(text).toContain("import m0003_new from './0003_new.ts'")
    expect(text).toContain('    ...m0003_new.operations.slice(0, 1),\n')
    await migrate(at(1))
    expect(await rows('select title from library_book')).toEqual([['from code']])
    await expect(squash(at(1), {}, { finish: true })).rejects.toMatchObject({
      code: 'migrations.cannot-finish',
      message: expect.stringContaining('0001_squashed_0004_book_pages.ts takes code from 0003_new.ts'),
    })
  })

  test('MIG-11 what another app lies between is refused with a sentence', async () => {
    const to = (label: string) => label as never // a label stands for a model that is no class here
    const shop = { Order: { fields: { book: () => foreignKey(to('library.Book'), { onDelete: 'cascade' }) } } }
    const both = {
      ...stages[0],
      Sale: { fields: { order: () => foreignKey(to('shop.Order'), { onDelete: 'cascade' }) } },
    }
    await make(at(0))
    await make(project({ library: stages[0]!, shop }))
    const given = project({ library: both, shop })
    await make(given)
    await expect(squash(given, { last: '0002' })).rejects.toMatchObject({
      code: 'migrations.cannot-squash',
      message: expect.stringContaining('circle'),
    })
  })
})

const codeFile = (before: string, more: string) => `import { migration, runCode } from 'nuages/db/migrations'

export default migration({
  dependencies: [['library', '${before}']],
  operations: [
    runCode(
      async ({ models }) => {
        await models.get('Book').objects.dynamicCreate({ title: 'from code' })
      },
      { ${more}reverse: async () => {} },
    ),
  ],
})
`

describe('which of them count', () => {
  test('MIG-11 test_loading_squashed: a new database is made by the squashed one, and both histories give one schema', async () => {
    await four()
    await migrate(at(3))
    const long = await schema()
    await migrate(at(3), {}, { app: 'library', migration: 'zero' })
    expect(await schema()).toEqual([])
    await squash(at(3), { last: '0004' })
    expect((await migrate(at(3))).text).toBe(
      'Applying library.0001_squashed_0004_remove_book_pages_book_year ... done\n',
    )
    expect(await schema()).toEqual(long)
    expect(await applied()).toEqual([
      '0001_initial',
      '0001_squashed',
      '0002_book_pag',
      '0003_book_isb',
      '0004_remove_b',
    ])
    await migrate(at(3), {}, { app: 'library', migration: 'zero' })
    expect(await schema()).toEqual([])
    expect(await applied()).toEqual([])
  })

  test('MIG-11 test_apply_all_replaced_marks_replacement_as_applied: a database that has all of them has it', async () => {
    await four()
    await migrate(at(3))
    await run("insert into library_book (title) values ('Nuages')")
    await squash(at(3), { last: '0004' })
    expect((await migrate(at(3))).text).toBe('Nothing to migrate.\n')
    expect(await applied()).toContain('0001_squashed')
    expect(await rows('select title from library_book')).toEqual([['Nuages']])
    const shown = await call(showmigrations, at(3), { apps: [] }, { database: 'default', plan: false, json: false })
    expect(shown.text).toContain(' [X] 0001_squashed_0004_remove_book_pages_book_year (4 squashed migrations)')
  })

  test('MIG-11 with some of them the rest goes on', async () => {
    await four()
    await migrate(at(3), {}, { app: 'library', migration: '0002' })
    await squash(at(3), { last: '0004' })
    const went = await migrate(at(3))
    expect(went.text).toBe(
      'Applying library.0003_book_isbn ... done\nApplying library.0004_remove_book_pages_book_year ... done\n',
    )
    expect((await migrate(at(3))).text).toBe('Nothing to migrate.\n')
    expect(await applied()).toContain('0001_squashed')
  })

  test('MIG-11 test_migrate_partially_applied_squashed_migration: a target by its name, of which some is applied', async () => {
    await four()
    await migrate(at(3), {}, { app: 'library', migration: '0002' })
    await squash(at(3), { last: '0004' })
    await migrate(at(3), {}, { app: 'library', migration: '0001_squashed' })
    expect(await applied()).toEqual([
      '0001_initial',
      '0001_squashed',
      '0002_book_pag',
      '0003_book_isb',
      '0004_remove_b',
    ])
  })

  test('MIG-11 test_migrate_forward_to_squashed_migration: a replaced one is a target of a new database', async () => {
    await four()
    await squash(at(3), { last: '0004' })
    await migrate(at(3), {}, { app: 'library', migration: '0001_initial' })
    expect((await schema())[0]!.columns.map(({ name }) => name)).toEqual(['id', 'title'])
    expect(await applied()).toEqual(['0001_initial'])
  })

  test('MIG-11 test_makemigrations_continues_number_sequence_after_squash', async () => {
    await four()
    await squash(at(3), { last: '0004' })
    for (const name of files().filter((each) => !each.includes('squashed')))
      rmSync(join(root, 'library/migrations', name))
    await make(at(3), { empty: true }, ['library'])
    expect(files()).toContain('0005_custom.ts')
  })

  test('MIG-11 test_squashmigrations_replacement_cycle: two that replace one another are refused by name', async () => {
    await make(at(0))
    const file = (of: string) => `import { migration } from 'nuages/db/migrations'

export default migration({ replaces: [['library', '${of}']], operations: [] })
`
    write('0002_left.ts', file('0002_right'))
    write('0002_right.ts', file('0002_left'))
    await expect(migrate(at(0), { plan: true })).rejects.toMatchObject({
      message: expect.stringMatching(/replace one another in a circle: library\.0002_(left|right) → /),
      code: 'migrations.circular-dependency',
    })
  })

  test('MIG-11 a later migration stands on whichever counts', async () => {
    await four()
    await migrate(at(3), {}, { app: 'library', migration: '0003' })
    await squash(at(3), { last: '0004' })
    const more = project({ library: { ...stages[3], Tag: { fields: { title } } } })
    await make(more)
    expect(read('0005_tag.ts')).toContain("['library', '0001_squashed_0004_remove_book_pages_book_year']")
    await migrate(more)
    await migrate(more, {}, { app: 'library', migration: 'zero' })
    await migrate(more)
    expect((await schema()).map(({ name }) => name).sort()).toEqual(['library_book', 'library_tag'])
  })

  test('MIG-11 executor.test_migrate_backward_to_squashed_migration, commands.test_migrate_backward_to_squashed_migration: a replaced one is still a target', async () => {
    await four()
    await squash(at(3), { last: '0004' })
    await migrate(at(3))
    await migrate(at(3), {}, { app: 'library', migration: '0002' })
    expect((await schema())[0]!.columns.map(({ name }) => name)).toEqual(['id', 'title', 'pages'])
    await migrate(at(3))
    expect((await schema())[0]!.columns.map(({ name }) => name)).toEqual(['id', 'title', 'isbn', 'year'])
  })

  test('MIG-11 test_loading_squashed_erroneous: some applied, and files of the rest gone', async () => {
    await four()
    await migrate(at(3), {}, { app: 'library', migration: '0002' })
    await squash(at(3), { last: '0004' })
    rmSync(join(root, 'library/migrations/0003_book_isbn.ts'))
    rmSync(join(root, 'library/migrations/0004_remove_book_pages_book_year.ts'))
    await expect(migrate(at(3))).rejects.toMatchObject({ code: 'migrations.squash-incomplete' })
  })

  test('MIG-11 test_double_replaced_migrations_are_checked_correctly, test_double_replaced_migrations_are_recorded, test_squashmigrations_squashes_already_squashed: a squash of a squash', async () => {
    await four()
    await squash(at(3), { last: '0002' })
    await squash(at(3), { last: '0004' })
    expect(read('0001_squashed_0004_remove_book_pages_book_year.ts')).toContain(
      "['library', '0001_squashed_0002_book_pages']",
    )
    await migrate(at(3))
    expect((await schema())[0]!.columns.map(({ name }) => name)).toEqual(['id', 'title', 'isbn', 'year'])
    expect(await applied()).toContain('0002_book_pag')
    await migrate(at(3), {}, { app: 'library', migration: 'zero' })
    expect(await schema()).toEqual([])
  })

  test('MIG-11 test_squash_partially_applied: a squash of a squash where the inner one alone is applied', async () => {
    await four()
    await squash(at(3), { last: '0002' })
    await migrate(at(3), {}, { app: 'library', migration: '0001_squashed_0002' })
    await squash(at(3), { last: '0004' })
    expect((await migrate(at(3))).text).toBe(
      'Applying library.0003_book_isbn ... done\nApplying library.0004_remove_book_pages_book_year ... done\n',
    )
    expect((await migrate(at(3))).text).toBe('Nothing to migrate.\n')
  })
})

describe('the end of it', () => {
  test('MIG-11 --finish removes the files and `replaces`; databases that have it, and new ones, go on', async () => {
    await four()
    await migrate(at(3))
    await squash(at(3), { last: '0003' })
    await migrate(at(3))
    const dry = await squash(at(3), {}, { finish: true, dryRun: true })
    expect(files()).toHaveLength(5)
    const done = await squash(at(3), {}, { finish: true })
    expect(done.text).toContain('nuages migrate library --prune')
    expect(done.text).toBe(dry.text)
    expect(done.text).toContain('Removed library/migrations/0002_book_pages.ts')
    expect(files()).toEqual(['0001_squashed_0003_book_isbn.ts', '0004_remove_book_pages_book_year.ts'])
    expect(read(files()[0]!)).not.toContain('replaces')
    expect(read(files()[1]!)).toContain("dependencies: [['library', '0001_squashed_0003_book_isbn']]")
    // Node keeps a module it has read: the same files by another path.
    cpSync(root, `${root}-copy`, { recursive: true })
    try {
      const copy = () => project({ library: stages[3]! }, { root: `${root}-copy` })
      expect((await migrate(copy())).text).toBe('Nothing to migrate.\n')
      expect((await squash(copy(), {}, { finish: true })).text).toBe('library has no squashed migration to finish.\n')
      await migrate(copy(), {}, { app: 'library', migration: 'zero' })
      await migrate(copy())
      expect((await schema())[0]!.columns.map(({ name }) => name)).toEqual(['id', 'title', 'isbn', 'year'])
    } finally {
      rmSync(`${root}-copy`, { recursive: true })
    }
  })

  test('MIG-11 --finish waits for a database that has some of them', async () => {
    await four()
    await migrate(at(3), {}, { app: 'library', migration: '0002' })
    await squash(at(3), { last: '0004' })
    await expect(squash(at(3), {}, { finish: true })).rejects.toMatchObject({
      code: 'migrations.cannot-finish',
      message: expect.stringContaining('library.0003_book_isbn'),
    })
    expect(files()).toHaveLength(5)
  })

  test('MIG-11 --finish keeps the types of models that code which was moved over names', async () => {
    await four()
    await make(at(3), { data: true, name: 'fill' }, ['library'])
    await migrate(at(3))
    await squash(at(3), { last: '0005' })
    const name = files().find((each) => each.startsWith('0001_squashed'))!
    const moved = read(name)
      .replace(/^import m0005_fill .*$/m, "import type { Models } from './0005_fill.models.ts'")
      .replace('{ createModel, fields, migration }', '{ createModel, fields, migration, noop, runCode }')
      .replace('...m0005_fill.operations.slice(0, 1)', 'runCode<Models>(async () => {}, { reverse: noop })')
    write(name, moved)
    await squash(at(3), {}, { finish: true })
    expect(files()).toEqual(['0001_squashed_0005_fill.ts', '0005_fill.models.ts'].sort())
  })

  // Node keeps a module it has read: the same files by another path.
  const elsewhere = async (work: (given: ReturnType<typeof at>) => Promise<void>) => {
    cpSync(root, `${root}-copy`, { recursive: true })
    try {
      await work(project({ library: stages[3]! }, { root: `${root}-copy` }))
    } finally {
      rmSync(`${root}-copy`, { recursive: true })
    }
  }

  test('MIG-11 --finish after a database that had some has gone on to all', async () => {
    await four()
    await migrate(at(3), {}, { app: 'library', migration: '0002' })
    await squash(at(3), { last: '0003' })
    await migrate(at(3))
    await squash(at(3), {}, { finish: true })
    await elsewhere(async (copy) => {
      expect((await migrate(copy)).text).toBe('Nothing to migrate.\n')
      await migrate(copy, {}, { app: 'library', migration: 'zero' })
      expect(await schema()).toEqual([])
    })
  })

  test('MIG-11 --finish records what its database had before it was squashed', async () => {
    await four()
    await migrate(at(3))
    await squash(at(3), { last: '0003' })
    await squash(at(3), {}, { finish: true })
    await elsewhere(async (copy) => expect((await migrate(copy)).text).toBe('Nothing to migrate.\n'))
  })

  test('MIG-11 a database that has only some parts when they go is told not to forget them', async () => {
    await four()
    await squash(at(3), { last: '0003' })
    await squash(at(3), {}, { finish: true })
    await elsewhere(async (copy) => {
      await migrate(copy, { fake: true })
      await run("update nuages_migrations set name = '0002_book_pages' where name like '0001_squashed%'")
      await run("delete from nuages_migrations where name like '0004%'")
      const told = await migrate(copy, { plan: true })
      expect(told.errors).toContain('0001_squashed_0003_book_isbn is not applied. Where it replaced them')
      expect(told.errors).not.toContain('--prune')
    })
  })

  test('MIG-11 a database that has all parts, and was not migrated before they went, is mended as the error says', async () => {
    await four()
    await migrate(at(3))
    await squash(at(3), { last: '0003' })
    await squash(at(3), {}, { finish: true })
    await run("delete from nuages_migrations where name like '0001_squashed%'")
    await elsewhere(async (copy) => {
      await expect(migrate(copy)).rejects.toMatchObject({
        code: 'migrations.inconsistent-history',
        hint: expect.stringContaining('migrate library 0001_squashed_0003_book_isbn --fake'),
      })
      await migrate(copy, { fake: true }, { app: 'library', migration: '0001_squashed_0003_book_isbn' })
      expect((await migrate(copy)).text).toBe('Nothing to migrate.\n')
    })
  })
})
