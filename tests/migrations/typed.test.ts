// MIG-18, MIG-21: code in a migration gets the models of its point of the history, with their types, which the compiler checks.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { char, choice, date, decimal, foreignKey, integer, manyToMany, text } from 'nuages/db'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SWAPPABLE } from '../../src/db/internal.ts'
import { compile } from '../types/tsc.ts'
import { rows, run } from './history.ts'
import { closeProject, files, make, migrate, openProject, project, read, root, write } from './project.ts'

beforeEach(openProject)
afterEach(closeProject)

/** A label stands for a model that is no class here. */
const to = (label: string) => label as never
const models = {
  accounts: { User: { fields: { email: text() } } },
  library: {
    Author: { fields: { name: char({ maxLength: 100 }) } },
    Book: {
      fields: {
        title: char({ maxLength: 200 }),
        pages: integer({ null: true }),
        price: decimal({ maxDigits: 8, decimalPlaces: 2, default: '0' }),
        status: choice(['draft', 'out'], { default: 'draft' }),
        out: date({ null: true }),
        author: () => foreignKey(to('library.Author'), { onDelete: 'cascade' }),
        owner: () => foreignKey(to('accounts.User'), { null: true, onDelete: 'cascade' }),
        sequels: () => manyToMany(to('library.Book')),
      },
    },
  },
}

function site() {
  const made = project(models, { user: 'accounts.User' })
  const user = made.apps.apps[0]!.models.User!
  Object.defineProperty(user, SWAPPABLE, { value: 'auth.User', configurable: true })
  return made
}

/** What the compiler says of the project's migrations. */
async function compiled() {
  const base = join(import.meta.dirname, '../../tsconfig.json')
  writeFileSync(
    join(root, 'tsconfig.json'),
    JSON.stringify({ extends: base, include: ['*/migrations/*.ts'], exclude: [] }),
  )
  const report = await compile(root)
  return report.diagnostics.map((each) => each.replace(/^.*\/migrations\//, ''))
}

test('MIG-18 --data writes a frame, and beside it the models of that point', async () => {
  await make(site())
  const made = await make(site(), { data: true, name: 'publish' }, ['library'])
  expect(made.text).toBe(
    'Migration library/migrations/0002_publish.models.ts\nMigration library/migrations/0002_publish.ts\n',
  )
  expect(read('0002_publish.ts')).toBe(`import { migration, noop, runCode } from 'nuages/db/migrations'
import type { Models } from './0002_publish.models.ts'

export default migration({
  dependencies: [['library', '0001_initial']],
  operations: [
    runCode<Models>(
      async ({ models }) => {
        // const Author = models.get('library.Author')
      },
      { reverse: noop },
    ),
  ],
})
`)
  expect(
    read('0002_publish.models.ts'),
  ).toBe(`// The models as 0002_publish.ts meets them: makemigrations wrote this for the compiler, which alone reads it.
import { autoId, char, date, decimal, foreignKey, integer, manyToMany, Model, text } from 'nuages/db'

class User extends Model<User>()({
  id: autoId(),
  email: text(),
}) {}

class Author extends Model<Author>()({
  id: autoId(),
  name: char({ maxLength: 100 }),
}) {}

class Book extends Model<Book>()({
  id: autoId(),
  title: char({ maxLength: 200 }),
  pages: integer({ null: true }),
  price: decimal({ maxDigits: 8, decimalPlaces: 2, default: '0' }),
  status: char({ maxLength: 50, default: 'draft' }),
  out: date({ null: true }),
  author: () => foreignKey(Author, { onDelete: 'cascade' }),
  owner: () => foreignKey(User, { onDelete: 'cascade', null: true }),
  sequels: () => manyToMany(Book),
}) {}

export interface Models {
  'accounts.User': typeof User
  'library.Author': typeof Author
  'library.Book': typeof Book
}
`)
})

test('MIG-21 the compiler knows the fields of then: right code compiles and runs, wrong code is told', async () => {
  await make(site())
  await migrate(site())
  await run("insert into library_author (name) values ('Ada')")
  await run(
    "insert into library_book (title, price, status, author_id) select 'One', '1.00', 'draft', id from library_author",
  )
  await make(site(), { data: true, name: 'publish' }, ['library'])
  const frame = read('0002_publish.ts')
  const filled = (code: string) => frame.replace("// const Author = models.get('library.Author')", code)
  write(
    '0002_publish.ts',
    filled(`const Book = models.get('library.Book')
        await Book.objects.filter({ author__name: 'Ada', pages: null }).update({ status: 'out', pages: 3 })
        const book = await Book.objects.selectRelated('author').first()
        const name: string = book!.author.name
        await Book.objects.create({ title: name, author: book!.author })`),
  )
  const wrong = (name: string, code: string) =>
    write(`${name}.ts`, filled(code).replace('0002_publish.models', '0002_publish.models'))
  wrong('0003_field', "await models.get('library.Book').objects.filter({ titel: 'x' })")
  wrong('0004_model', "models.get('library.Boks')")
  wrong('0005_value', "await models.get('library.Book').objects.update({ pages: 'many' })")
  expect(await compiled()).toEqual([
    expect.stringMatching(/^0003_field\.ts/),
    expect.stringMatching(/^0004_model\.ts/),
    expect.stringMatching(/^0005_value\.ts/),
  ])
  for (const name of ['0003_field', '0004_model', '0005_value']) {
    const { rmSync } = await import('node:fs')
    rmSync(join(root, `library/migrations/${name}.ts`))
  }
  expect(files()).toEqual(['0001_initial.ts', '0002_publish.models.ts', '0002_publish.ts'])
  await migrate(site())
  expect(await rows('select title, status, pages from library_book order by id')).toEqual([
    ['One', 'out', 3],
    ['Ada', 'draft', null],
  ])
}, 60_000)
