/** MIG-02 … MIG-05, MIG-09: what model-sources.test.ts found, each as small as it is. */
import {
  char,
  check,
  copyTo,
  decimal,
  foreignKey,
  index,
  integer,
  manyToMany,
  oneToOne,
  readOnly,
  unique,
} from 'nuages/db'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { engine } from '../db/backends/fresh.ts'
import { rows, run, schema } from './history.ts'
import { closeProject, type Models, make, migrate, openProject, project } from './project.ts'

beforeEach(openProject)
afterEach(closeProject)

const cascade = { onDelete: 'cascade' } as const
const to = (label: string) => label as never // a label stands for a model that is no class here

/** The tables, in whatever order their columns came. */
async function tables() {
  const sorted = <T extends { name: string }>(list: readonly T[]) => list.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return (await schema()).map(({ columns, uniques, indexes, ...rest }) => ({
    ...rest,
    columns: sorted(columns),
    uniques: sorted(uniques),
    indexes: sorted(indexes),
  }))
}

/** Both versions through the commands; gives a function that goes back to the first. */
async function change(
  before: Record<string, Models>,
  after: Record<string, Models>,
  fill: string[] = [],
  rename: string[] = [],
) {
  const first = project(before)
  await make(first)
  await migrate(first)
  const was = await tables()
  for (const sql of fill) await run(sql)
  const second = project(after)
  await make(second, { noRenames: true, rename })
  expect((await make(second, { noRenames: true })).text).toContain('No changes')
  await migrate(second)
  expect((await migrate(second, { checkDrift: true })).text).toContain('are as the migrations make them')
  return async () => {
    for (const app of Object.keys(before)) await migrate(second, {}, { app, migration: '0001' })
    expect(await tables()).toEqual(was)
  }
}

test('a field that others refer to by toField is renamed in a table with a check', async () => {
  const models = (code: string) => ({
    library: {
      Book: {
        fields: { [code]: char({ maxLength: 20, unique: true }), number: integer() },
        options: { constraints: [check({ number__gte: 0 })] },
      },
      Page: { fields: { book: () => foreignKey(to('library.Book'), { ...cascade, toField: code }) } },
    },
  })
  const back = await change(
    models('sku'),
    models('code'),
    ["insert into library_book (sku, number) values ('a', 1)", "insert into library_page (book_id) values ('a')"],
    ['library.Book.sku:code'],
  )
  expect((await rows('select book_id, code from library_page join library_book on code = book_id')).length).toBe(1)
  await back()
  expect((await rows('select book_id, sku from library_page join library_book on sku = book_id')).length).toBe(1)
})

test('models that go together, of which one copies its rows into another that leads back to it', async () => {
  const both: Models = {
    Book: {
      fields: { title: char({ maxLength: 20 }) },
      options: { triggers: [copyTo(() => ({ meta: { label: 'library.Copy' } }) as never, { fields: ['title'] })] },
    },
    Copy: {
      fields: {
        title: char({ maxLength: 20 }),
        book: () => foreignKey(to('library.Book'), { ...cascade, null: true }),
      },
    },
  }
  const back = await change({ library: { ...both } }, { library: {} })
  expect((await schema()).map(({ name }) => name)).toEqual([])
  await back()
})

test('a key of several fields becomes a number, which rows that exist get', async () => {
  const keys = {
    first: () => foreignKey(to('library.Book'), cascade),
    second: () => foreignKey(to('library.Book'), cascade),
  }
  const models = (options: object) => ({
    library: { Book: { fields: { number: integer({ default: 1 }) } }, Link: { fields: keys, options } },
  })
  const back = await change(models({ primaryKey: ['first', 'second'] }), models({}), [
    'insert into library_book (number) values (1), (2)',
    'insert into library_link (first_id, second_id) values (1, 2), (2, 1)',
  ])
  const numbers = (await rows('select id from library_link order by id')).map(([id]) => Number(id))
  expect(numbers).toEqual([1, 2])
  await run('insert into library_link (first_id, second_id) values (1, 2)')
  await run('delete from library_link where id = 3')
  await back()
  expect((await rows('select first_id from library_link')).length).toBe(2)
})

test('models that lead to one another go with indexes, constraints, an order and triggers over what goes first', async () => {
  const both: Models = {
    Author: { fields: { name: char({ maxLength: 20 }), tags: () => manyToMany(to('library.Tag')) } },
    Tag: {
      fields: { author: () => oneToOne(to('library.Author'), { onDelete: 'setNull', null: true }), number: integer() },
      options: {
        orderWithRespectTo: 'author',
        indexes: [index(['author', 'number'])],
        constraints: [unique(['author', 'number'])],
        triggers: [readOnly(['author'])],
      },
    },
  }
  const back = await change({ library: both }, { library: {} })
  expect(await schema()).toEqual([])
  await back()
})

test('a field that a model of another app refers to by toField is renamed after that model is there', async () => {
  const apps = (code: string): Record<string, Models> => ({
    library: { Book: { fields: { [code]: char({ maxLength: 20, unique: true }) } } },
    shop: { Page: { fields: { book: () => foreignKey(to('library.Book'), { ...cascade, toField: code }) } } },
  })
  const back = await change(apps('sku'), apps('code'), [], ['library.Book.sku:code'])
  await back()
})

test('a new model refers by toField to a field of another app that gets its name, or comes, at the same time', async () => {
  const book = (fields: object): Models => ({ Book: { fields: { title: char({ maxLength: 20 }), ...fields } } })
  const unique = { maxLength: 20, unique: true } as const
  const leads = { book: () => foreignKey(to('library.Book'), { ...cascade, null: true, toField: 'code' }) }
  const before = { library: book({ sku: char(unique) }), shop: { Other: { fields: {} } } }
  const after = { library: book({ code: char(unique) }), shop: { Other: { fields: leads } } }
  const back = await change(before, after, [], ['library.Book.sku:code'])
  await back()
})

test('a model of another app goes after the trigger is gone that copies rows into it', async () => {
  const title = { title: char({ maxLength: 20 }) }
  const copy = copyTo(() => ({ meta: { label: 'shop.Copy' } }) as never, { fields: ['title'] })
  const back = await change(
    { library: { Book: { fields: title, options: { triggers: [copy] } } }, shop: { Copy: { fields: title } } },
    { library: { Book: { fields: title } }, shop: {} },
  )
  await back()
})

test('a unique constraint over the columns of the key is there, and goes', async () => {
  const keys = { a: integer(), b: integer() }
  const twice = [unique(['a', 'b']), unique(['a', 'b'], { name: 'second' })]
  const models = (constraints: object[]) => ({
    library: { Pair: { fields: keys, options: { primaryKey: ['a', 'b'], constraints } } },
  })
  const back = await change(models(twice), models([]))
  await back()
})

test('new models of two apps that wait for one another more than once are made in turn', async () => {
  const title = { title: char({ maxLength: 20 }) }
  const copy = copyTo(() => ({ meta: { label: 'shop.Tag' } }) as never, { fields: ['title'] })
  const one = {
    library: {
      Author: {
        fields: { ...title, books: () => manyToMany(to('shop.Book')) },
        options: { triggers: [copy] },
      },
      Bond: {
        fields: {
          book: () => foreignKey(to('shop.Book'), cascade),
          author: () => foreignKey(to('library.Author'), cascade),
        },
        options: { primaryKey: ['book', 'author'] },
      },
    },
    shop: {
      Book: {
        fields: { ...title, authors: () => manyToMany(to('library.Author'), { through: to('library.Bond') }) },
      },
      Tag: { fields: { ...title, author: () => foreignKey(to('library.Author'), { ...cascade, null: true }) } },
    },
  }
  const back = await change({ library: {}, shop: {} }, one)
  expect((await schema()).map(({ name }) => name).sort()).toEqual(
    ['library_author', 'library_author_books', 'library_bond', 'shop_book', 'shop_tag'].sort(),
  )
  void back // there is no first migration to go back to
})

test('of hundreds of fields that may have been renamed a question lists a few, those of a like beginning first', async () => {
  const fields = (more: string) => ({
    library: {
      Wide: {
        fields: Object.fromEntries([...Array(60)].map((_, i) => [`column${i}${more}`, integer({ null: true })])),
      },
    },
  })
  const first = project(fields(''))
  await make(first)
  const error = await make(project(fields('x')), { drop: [] }).catch((thrown: Error) => thrown)
  const { message } = error as Error
  expect(message).toContain('library.Wide.column42x is new and library.Wide.column42, library.Wide.column4, ')
  expect(message).toContain(' and 55 more are gone')
  expect(message).toContain('--rename library.Wide.column42:column42x or ')
  expect(message.length).toBeLessThan(60 * 1000)
})

test('a check and a partial index over a number that becomes one of another kind are as they were declared', async () => {
  const models = (number: object) => ({
    library: {
      Book: {
        fields: { number },
        options: {
          constraints: [check({ number__gte: 0 })],
          indexes: [index(['number'], { name: 'some', where: { number__gt: 1 } })],
        },
      },
    },
  })
  const back = await change(models(integer()), models(decimal({ maxDigits: 12, decimalPlaces: 2 })))
  await back()
})

test('a column of the collation that the database has anyway has not drifted', async () => {
  const collation = engine.name === 'MariaDB' ? String((await rows('select @@collation_database'))[0]![0]) : undefined
  const name = char({ maxLength: 9, ...(collation === undefined ? {} : { collation }) })
  const back = await change({ library: { Book: { fields: { name } } } }, { library: { Book: { fields: {} } } })
  await back()
  const same = project({ library: { Book: { fields: { name } } } })
  expect((await migrate(same, { checkDrift: true })).text).not.toContain('collation')
})

test('a column that is not there any more cannot be removed: the error says so, and the way on', async () => {
  const number = { number: integer({ default: 1 }), other: integer({ default: 1 }) }
  const first = project({ library: { Book: { fields: number } } })
  await make(first)
  await migrate(first)
  await run('insert into library_book (number, other) values (1, 2)')
  await run('alter table library_book drop column number')
  const second = project({ library: { Book: { fields: { other: number.other } } } })
  await make(second)
  await expect(migrate(second)).rejects.toMatchObject({
    code: 'migrations.failed',
    message: expect.stringContaining('library.0002_remove_book_number could not be applied'),
    hint: expect.stringMatching(/migrate --check-drift.*migrate library 0002_remove_book_number --fake/s),
  })
  expect((await migrate(second, { fake: true }, { app: 'library', migration: '0002' })).text).toContain('0002')
  expect((await migrate(second, { checkDrift: true })).text).toContain('are as the migrations make them')
})
