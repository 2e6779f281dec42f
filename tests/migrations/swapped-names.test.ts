// MIG-02: names that pass from one thing to another, where both are there before and after.
import { char, foreignKey, index, integer, manyToMany, unique } from 'nuages/db'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrationFindings } from '../../src/db/migrations/internal.ts'
import { rows, run, schema } from './history.ts'
import { closeProject, files, type Models, make, migrate, openProject, project, read } from './project.ts'

beforeEach(openProject)
afterEach(closeProject)

const to = (label: string) => label as never // a label stands for a model that is no class here
const text = (renamedFrom?: string) => char({ maxLength: 20, ...(renamedFrom === undefined ? {} : { renamedFrom }) })
const book = (fields: Record<string, unknown>, options = {}) => project({ library: { Book: { fields, options } } })
const asked = { drop: [] }
const bothWays = { ...asked, rename: ['library.Book.a:b', 'library.Book.b:a'] }

/** Makes and applies the first version, with the rows that `fill` writes. */
async function begun(first: ReturnType<typeof project>, ...fill: string[]) {
  await make(first)
  await migrate(first)
  for (const sql of fill) await run(sql)
}

describe('MIG-02 two fields get one another’s names', () => {
  const fill = "insert into library_book (a, b) values ('was a', 'was b')"

  test('by flags on both: rows are kept, and go back', async () => {
    const given = book({ a: text(), b: text() })
    await begun(given, fill)
    await make(given, bothWays)
    expect((await make(given, asked)).text).toContain('No changes')
    await migrate(given)
    expect(await rows('select a, b from library_book')).toEqual([['was b', 'was a']])
    expect((await migrate(given, { checkDrift: true })).text).toContain('are as the migrations make them')
    await migrate(given, {}, { app: 'library', migration: '0001' })
    expect(await rows('select a, b from library_book')).toEqual([['was a', 'was b']])
  })

  test('with all that names them, in types of their own', async () => {
    const options = (a: string, b: string) => ({
      ordering: [a],
      indexes: [index([a, b], { name: 'both' })],
      constraints: [unique([b], { name: 'one' })],
    })
    await begun(book({ a: text(), b: integer() }, options('a', 'b')), "insert into library_book (a, b) values ('x', 7)")
    const given = book({ b: text(), a: integer() }, options('b', 'a'))
    await make(given, bothWays)
    expect(
      read(files()[1]!)
        .match(/^ +\w+\(/gm)
        ?.map((each) => each.trim()),
    ).toEqual(['renameField(', 'renameField(', 'renameField('])
    await migrate(given)
    expect((await rows('select b, a from library_book')).map(([b, a]) => [b, Number(a)])).toEqual([['x', 7]])
    expect((await migrate(given, { checkDrift: true })).text).toContain('are as the migrations make them')
  })

  test('where the columns stay, as dbColumn says, no table is touched', async () => {
    await begun(book({ a: text(), b: text() }), fill)
    const given = book({ a: char({ maxLength: 20, dbColumn: 'b' }), b: char({ maxLength: 20, dbColumn: 'a' }) })
    await make(given, bothWays)
    await migrate(given)
    expect(await rows('select a, b from library_book')).toEqual([['was a', 'was b']])
    expect((await migrate(given, { checkDrift: true })).text).toContain('are as the migrations make them')
  })

  test('three pass their names round, where the name between is taken', async () => {
    const fields = { a: text(), b: text(), c: text(), swapped: text() }
    await begun(book(fields), "insert into library_book (a, b, c, swapped) values ('1', '2', '3', '4')")
    await make(book(fields), { rename: ['library.Book.a:b', 'library.Book.b:c', 'library.Book.c:a'] })
    await migrate(book(fields))
    expect(await rows('select a, b, c, swapped from library_book')).toEqual([['3', '1', '2', '4']])
  })

  test('by hints it cannot be told whether it is done: the error says how', async () => {
    await begun(book({ a: text(), b: text() }), fill)
    const hinted = book({ a: text('b'), b: text('a') })
    const open = {
      code: 'migrations.rename-unanswered',
      message:
        'By renamedFrom library.Book.a and library.Book.b have one another’s names, and the models look the same before that and after it.',
      hint: 'Pass --rename library.Book.b:a --rename library.Book.a:b to do it now, and remove renamedFrom from them once it is done.',
    }
    await expect(make(hinted, asked)).rejects.toMatchObject(open)
    expect(files()).toEqual(['0001_initial.ts'])
    const told = await migrationFindings({ apps: hinted.apps.apps, user: null })
    expect(told.map(({ id }) => id)).toEqual(['migrations.W002'])
    expect((await make(hinted, { ...asked, noRenames: true })).text).toContain('No changes')
    await make(hinted, bothWays)
    await migrate(hinted)
    expect(await rows('select a, b from library_book')).toEqual([['was b', 'was a']])
    await expect(make(hinted, asked)).rejects.toMatchObject(open)
    expect((await make(book({ a: text(), b: text() }), asked)).text).toContain('No changes')
  })

  test('in two steps it is refused, as is a chain', async () => {
    await begun(book({ a: text(), b: text() }))
    await expect(make(book({ a: text(), b: text() }), { ...bothWays, twoStep: true })).rejects.toThrow(
      '--two-step cannot give the name library.Book.b to another field at once.',
    )
    const chain = ['library.Book.a:b', 'library.Book.b:c']
    await expect(make(book({ b: text(), c: text() }), { rename: chain, twoStep: true })).rejects.toThrow(
      '--two-step cannot give the name library.Book.b to another field at once.',
    )
    expect(files()).toEqual(['0001_initial.ts'])
  })
})

describe('MIG-02 models', () => {
  const one = { fields: { title: text() }, options: { indexes: [index(['title'])] } }
  const two = {
    fields: { title: text(), tags: () => manyToMany(to('library.Tag')) },
    options: { indexes: [index(['title'])], constraints: [unique(['title'])] },
  }
  const rest = (label: string): Models => ({
    Tag: { fields: {} },
    Leads: { fields: { own: () => foreignKey(to(label), { onDelete: 'cascade' }) } },
  })
  const library = (models: Models) => project({ library: models })
  const fill = [
    "insert into library_first (title) values ('was first')",
    "insert into library_second (title) values ('was second')",
    'insert into library_leads (own_id) values (1)',
  ]
  const earlier = () => library({ First: one, Second: two, ...rest('library.Second') })

  test.each([['flags'], ['hints']])('a chain by %s: the second makes way for the first', async (how) => {
    await begun(earlier(), ...fill)
    const was = (await schema()).map(({ name }) => name)
    const hint = (model: object, renamedFrom: string) => {
      const { fields, options } = model as typeof one
      return { fields, options: { ...options, ...(how === 'hints' ? { renamedFrom } : {}) } }
    }
    const after = library({ Second: hint(one, 'First'), Third: hint(two, 'Second'), ...rest('library.Third') })
    const rename = how === 'hints' ? [] : ['library.First:Second', 'library.Second:Third']
    await make(after, { ...asked, rename })
    expect((await make(after, asked)).text).toContain('No changes')
    await migrate(after)
    const leads = 'select t.title from library_leads l join library_third t on t.id = l.own_id'
    expect(await rows(leads)).toEqual([['was second']])
    expect(await rows('select title from library_second')).toEqual([['was first']])
    expect((await migrate(after, { checkDrift: true })).text).toContain('are as the migrations make them')
    await migrate(after, {}, { app: 'library', migration: '0001' })
    expect((await schema()).map(({ name }) => name)).toEqual(was)
    expect(await rows('select title from library_first')).toEqual([['was first']])
  })

  test('a chain into another app: that one’s migration comes first', async () => {
    await begun(project({ library: { First: one, Second: one }, shop: { Other: { fields: {} } } }), fill[0]!, fill[1]!)
    const after = project({ library: { Second: one }, shop: { Other: { fields: {} }, Third: one } })
    await make(after, { ...asked, rename: ['library.First:Second', 'library.Second:shop.Third'] })
    expect((await make(after, asked)).text).toContain('No changes')
    await migrate(after)
    expect(await rows('select title from shop_third')).toEqual([['was second']])
    expect(await rows('select title from library_second')).toEqual([['was first']])
  })

  test.each([['flags'], ['hints']])('two that get one another’s names by %s are refused, with the way', async (how) => {
    await begun(earlier(), ...fill)
    const named = (renamedFrom: string) => (how === 'hints' ? { renamedFrom } : {})
    const after = library({
      First: { ...two, options: { ...two.options, ...named('Second') } },
      Second: { ...one, options: { ...one.options, ...named('First') } },
      ...rest('library.First'),
    })
    const rename = how === 'hints' ? [] : ['library.First:Second', 'library.Second:First']
    await expect(make(after, { ...asked, rename })).rejects.toMatchObject({
      code: 'migrations.rename-unanswered',
      message: 'library.First and library.Second would get one another’s names, which one migration cannot do.',
      hint: 'Give one of them a name that no model has and make a migration, then give it the name it shall have and make another. Where that is done, remove renamedFrom from them.',
    })
    expect(files()).toEqual(['0001_initial.ts'])
  })
})
