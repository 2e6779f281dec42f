import {
  AbstractModel,
  char,
  check,
  choice,
  decimal,
  foreignKey,
  index,
  integer,
  json,
  Model,
  manyToMany,
  oneToOne,
  reverse,
  reverseOne,
  set,
  text,
  unique,
} from 'nuages/db'
import { expect, test } from 'vitest'
import type { Finding } from '../../../src/checks/index.ts'
import { checkModel } from '../../../src/db/checks.ts'
import { Descriptor } from '../../../src/db/fields/descriptor.ts'
import { closeDatabases, configureDatabases, fieldBuilders, systemChecks } from '../../../src/db/internal.ts'
import { Author, Book, Chapter, Company, Contribution, Profile, Tag } from './app.ts'

let apps = 0
/** Binds models without the compile-time checks of defineApp, which would find some of these first. */
function findings(models: Record<string, object>): Finding[] {
  const app = `broken${++apps}`
  const bind = Symbol.for('nuages.bind')
  for (const [name, model] of Object.entries(models))
    (model as Record<symbol, (a: string, b: string) => void>)[bind]!(app, name)
  return Object.values(models).flatMap((model) => checkModel(model as typeof Book))
}
const ids = (models: Record<string, object>) => findings(models).map((each) => each.id)

test('sound models pass', () => {
  for (const model of [Author, Book, Chapter, Company, Contribution, Profile, Tag])
    expect(checkModel(model)).toEqual([])
})

test('E001: ordering by a name that is no field, with near misses', () => {
  class Thing extends Model<Thing>()(
    { title: text(), owner: () => foreignKey(Author, { onDelete: 'cascade' }) },
    {
      ordering: ['-titel', 'owner__nam', 'owner__name', '?', 'pk', 'title__length'] as never,
    },
  ) {}
  const found = findings({ Thing })
  expect(found.map((each) => [each.id, each.hint])).toEqual([
    ['db.E001', 'Did you mean "title"?'],
    ['db.E001', 'Did you mean "name"?'],
  ])
  expect(found[0]!.message).toBe(`"-titel" in ordering: "titel" is not a field of ${found[0]!.object}.`)
})

test('E002: reverse relations that nothing answers', () => {
  class Holder extends Model<Holder>()({ target: () => foreignKey(Target, { onDelete: 'cascade' }) }) {}
  class Target extends Model<Target>()({
    missing: () => reverse(Holder, 'targt'),
    elsewhere: () => reverse(Book, 'author'),
    single: () => reverseOne(Holder, 'target'),
    right: () => reverse(Holder, 'target'),
  }) {}
  expect(ids({ Holder, Target })).toEqual(['db.E002', 'db.E002', 'db.E002'])
})

test('E003: two fields on one column or attribute', () => {
  class Thing extends Model<Thing>()({
    a: text({ dbColumn: 'x' }),
    b: text({ dbColumn: 'X' }),
    owner: () => foreignKey(Author, { onDelete: 'cascade' }),
    ownerId: integer({ dbColumn: 'other' }),
  }) {}
  expect(ids({ Thing }).filter((id) => id === 'db.E003')).toHaveLength(2)
})

test('MOD-01, E004: members of the class, or of its base, that hide a field', () => {
  abstract class Base extends AbstractModel({}) {
    get size() {
      return 1
    }
  }
  class Thing extends Model<Thing>()({ title: text(), size: integer(), books: () => reverse(Book, 'author') } as {}, {
    extends: Base,
  }) {
    get title() {
      return 'x'
    }
  }
  expect(ids({ Thing }).filter((id) => id === 'db.E004')).toHaveLength(2)
})

test('MOD-04, MOD-05, E005, E010: text and decimals without a size', () => {
  class Thing extends Model<Thing>()({
    title: () => fieldBuilders.char!(),
    price: () => fieldBuilders.decimal!({}),
    cost: decimal({ maxDigits: 2, decimalPlaces: 3 }),
    fine: char({ maxLength: 3 }),
  }) {}
  expect(ids({ Thing })).toEqual(['db.E005', 'db.E010', 'db.E010'])
})

test('E006: indexes and constraints over what is no field', () => {
  class A extends Model<A>()({ title: text() }, { indexes: [index(['titel'])] as never }) {}
  class B extends Model<B>()({ title: text() }, { constraints: [unique(['id', 'nam'])] as never }) {}
  class C extends Model<C>()({ title: text() }, { constraints: [check({ pages__gt: 1 })] as never }) {}
  const found = findings({ A, B, C })
  expect(found.map((each) => each.id)).toEqual(['db.E006', 'db.E006', 'db.E006'])
  expect(found[0]!.hint).toBe('Did you mean "title"?')
})

test('E018: a relation past the types, without onDelete', () => {
  class Thing extends Model<Thing>()({
    a: () => foreignKey(Author, {} as { onDelete: 'cascade' }),
    b: () => (oneToOne as unknown as (to: object) => ReturnType<typeof oneToOne>)(Author),
  }) {}
  expect(ids({ Thing })).toEqual(['db.E018', 'db.E018'])
})

test('E007, E011: deletes that cannot do what they say', () => {
  class Thing extends Model<Thing>()({
    a: () => foreignKey(Author, { onDelete: 'setNull' }),
    b: () => foreignKey(Author, { onDelete: 'setDefault' }),
    c: () => foreignKey(Author, { onDelete: 'setNull', null: true }),
    d: () => foreignKey(Author, { onDelete: set(null) }),
    e: () => foreignKey(Author, { onDelete: set(null), null: true }),
    f: () => foreignKey(Author, { onDelete: set(() => null) }),
  }) {}
  expect(ids({ Thing })).toEqual(['db.E007', 'db.E011', 'db.E007'])
})

test('E008, W001: defaults', () => {
  class Thing extends Model<Thing>()({
    status: choice(['a', 'b'], { default: 'c' as never }),
    level: integer({ choices: [[1, 'One']], default: 2 }),
    list: json<number[]>({ default: [] }),
    made: json<number[]>({ default: () => [] }),
  }) {}
  expect(ids({ Thing })).toEqual(['db.E008', 'db.E008', 'db.W001'])
})

test('E009: a class listed under another name', () => {
  class Thing extends Model<Thing>()({ title: text() }) {}
  expect(ids({ Things: Thing })).toEqual(['db.E009'])
})

test('E012: fields and relations that cannot be resolved', async () => {
  class A extends Model<A>()({ title: 'text' }) {}
  class B extends Model<B>()({ a__b: text() }) {}
  class C extends Model<C>()({ x: () => new Descriptor(null, {}, { type: 'foreignKey', target: 5, via: null }) }) {}
  class D extends Model<D>()({ x: () => oneToOne(Contribution, { onDelete: 'cascade', toField: 'role' }) }) {}
  const all = ['db.E012', 'db.E012', 'db.E012', 'db.E012']
  expect(ids({ A, B, C, D })).toEqual(all)
  // With a database whose columns are looked at, too.
  configureDatabases({ default: { engine: 'sqlite', url: 'sqlite::memory:' } })
  const models: readonly object[] = [A, B, C, D]
  expect(models.flatMap((model) => checkModel(model as typeof Book)).map(({ id }) => id)).toEqual(all)
  await closeDatabases()
})

test('MOD-01, E013, E015, E016: keys, names that are taken, names used twice', () => {
  class Thing extends Model<Thing>()({ code: text({ primaryKey: true, null: true }), save: text() } as {}, {
    indexes: [index(['code'], { name: 'x' }), index(['save'], { name: 'x' })] as never,
  }) {}
  expect(ids({ Thing })).toEqual(['db.E013', 'db.E015', 'db.E016'])
})

test('E014: two models on one table', () => {
  class One extends Model<One>()({ title: text() }, { dbTable: 'same' }) {}
  class Two extends Model<Two>()({ title: text() }, { dbTable: 'same' }) {}
  findings({ One, Two })
  expect(systemChecks().filter((each) => each.id === 'db.E014')).toHaveLength(1)
})

test('E003, E014: names that differ only in case are one to SQLite and MariaDB, of join tables too', () => {
  class Book extends Model<Book>()({
    title: text(),
    Title: text(),
    tags: () => manyToMany(Tag),
    Tags: () => manyToMany(Tag),
  }) {}
  class book extends Model<book>()({ title: text() }) {}
  const [clash] = findings({ Book, book })
  expect(clash).toMatchObject({
    id: 'db.E003',
    message: 'title and Title both use the column title.',
    hint: 'Give one of them another dbColumn.',
  })
  const app = Book.meta.app
  const shared = systemChecks().filter((each) => each.id === 'db.E014' && each.message.includes(app))
  expect(shared.map(({ message }) => message)).toEqual([
    `${app}.Book_tags and ${app}.Book_Tags share the table ${app}_book_tags.`,
    `${app}.Book and ${app}.book share the table ${app}_book.`,
  ])
})

test.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty'])('a field cannot be called %s', (name) => {
  class Thing extends Model<Thing>()({ [name]: text() } as {}) {}
  expect(findings({ Thing })).toMatchObject([
    { id: 'db.E012', message: expect.stringContaining(`"${name}" of `), hint: expect.stringContaining('dbColumn') },
  ])
  expect(() => Thing.meta.fields).toThrow(expect.objectContaining({ code: 'db.bad-field' }))
})
