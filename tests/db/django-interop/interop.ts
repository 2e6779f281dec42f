/** A database that the real Django made and filled: inspected, read, written and moved, on any engine. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineApp } from 'nuages'
import { AbstractUser, auth, configureHashers, contentTypes, pbkdf2Hasher } from 'nuages/auth'
import { type AnyModel, char, Decimal, Model, using } from 'nuages/db'
import { loadFixtures, serialize } from 'nuages/db/serializers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { captureOutput } from '../../../src/cli/index.ts'
import type { DatabaseConfig } from '../../../src/db/backends/backend.ts'
import type { TableSpec } from '../../../src/db/backends/schema.ts'
import inspectdb from '../../../src/db/commands/inspectdb.ts'
import makemigrations from '../../../src/db/commands/makemigrations.ts'
import { closeDatabases, configureDatabases, database, loadBackends } from '../../../src/db/internal.ts'
import { compile } from '../../types/tsc.ts'
import { createTables } from '../query/setup.ts'
import { type DjangoDatabase, django } from './python.ts'
import { fromPython, plain } from './values.ts'

/** One database, as both sides call it. */
export interface Shared {
  readonly ours: DatabaseConfig
  readonly django: DjangoDatabase
}

/** A user of a project that keeps Django's table. */
class User extends Model<User>()(
  {
    username: char({ maxLength: 150, unique: true }),
    firstName: char({ maxLength: 150, blank: true }),
    lastName: char({ maxLength: 150, blank: true }),
  },
  { extends: AbstractUser, dbTable: 'auth_user' },
) {}

/** JSON Lines came to Django after the version that is installed here. */
const FORMATS = ['json', 'xml', 'yaml']

type Models = Record<string, AnyModel>
type Row = Record<string, any> // any: the models are made from the database while the tests run

/** Runs all cases against databases that `open` gives: `old` filled by Django, `empty` with its tables only, `bare`. */
export function interop(
  engine: string,
  open: () => Promise<{ old: Shared; empty: Shared; third: Shared; bare: DatabaseConfig }>,
) {
  const folder = join(import.meta.dirname, `.inspected-${engine}`)
  let dbs: Awaited<ReturnType<typeof open>>
  let models: Models
  let copies: Models

  beforeAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    dbs = await open()
    for (const each of [dbs.old, dbs.empty, dbs.third]) django(each.django, ['make'])
    django(dbs.old.django, ['write'])
    await closeDatabases()
    const configs = { default: dbs.old.ours, empty: dbs.empty.ours, third: dbs.third.ours, bare: dbs.bare }
    await loadBackends(configs)
    configureDatabases(configs)
    const tables = await database('default').backend.introspector.tables(database('default'))
    const own = tables.filter((table) => !/^(auth_|django_)/.test(table) || table === 'auth_user')
    await inspect(join(folder, 'models.ts'), [...own, 'long_books'], { app: 'shop', views: true })
    await inspect(join(folder, 'copies.ts'), own, { managed: true })
    mend(join(folder, 'models.ts'))
    models = (await import(join(folder, 'models.ts'))) as Models
    copies = (await import(join(folder, 'copies.ts'))) as Models
    defineApp({ name: 'shop', root: folder, models: models as object })
    defineApp({ name: 'copy', root: folder, models: copies as object })
    defineApp({ name: 'accounts', root: folder, models: { User } })
    void [auth, contentTypes]
  }, 60_000)
  afterAll(async () => {
    await closeDatabases()
    rmSync(folder, { recursive: true, force: true })
  })

  async function inspect(output: string, tables: readonly string[], options: object) {
    const project = { apps: { apps: [] }, user: null }
    const all = { database: 'default', managed: false, views: false, output, ...options }
    await inspectdb.run({ args: { tables }, options: all, out: captureOutput(), project } as never) // it reads no more
  }
  const everything = (alias = 'default'): any => models.Everything!.objects.using(alias) // made a moment ago: no types
  const python = (shared: Shared, ...words: string[]) => django(shared.django, words)
  const values = (row: Row) =>
    Object.fromEntries(
      models.Everything!.meta.columns.map(({ name, column }) => [
        column,
        name === 'data' ? row.data : plain(name, row[name]),
      ]),
    )
  const isKnown = (name: string) => models.Everything!.meta.columns.some((field) => field.column === name)
  const pythonRows = (shared: Shared) =>
    (JSON.parse(python(shared, 'read')) as Row[]).map((row) =>
      Object.fromEntries(
        Object.entries(row)
          .filter(([name]) => isKnown(name))
          .map(([name, value]) => [name, fromPython(name, value)]),
      ),
    )

  describe(`MDB-08 inspectdb on ${engine}`, () => {
    test('what it writes compiles', async () => {
      const options = { extends: '../../../../tsconfig.json', include: ['*.ts'], exclude: [] }
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options))
      expect((await compile(join(folder, 'tsconfig.json'))).diagnostics).toEqual([])
    })

    test('relations, keys, constraints and odd names are there', () => {
      const text = readFileSync(join(folder, 'models.ts'), 'utf8')
      for (const part of [
        "mentor: () => foreignKey(Author, { onDelete: 'doNothing', null: true }),",
        "checkedBy: () => foreignKey(Author, { onDelete: 'doNothing', null: true, dbColumn: 'checked_by' }),",
        "book: () => oneToOne(Book, { onDelete: 'doNothing', primaryKey: true }),",
        'tags: () => manyToMany(Tag),',
        "author: () => foreignKey(Author, { onDelete: 'dbCascade', index: false }),",
        "place: () => foreignKey(Place, { onDelete: 'dbSetNull', null: true, index: false }),",
        'nid: autoId(),',
        "primaryKey: ['first', 'second']",
        "unique(['author', 'title'])",
        "unique(['isbn13'], { name: 'some_unique', where: { pages__gt: 10 } })",
        "check({ pages__gte: 0, pages__lt: 100000 }, { name: 'pages_range' })",
        "index(['pages', '-published'])",
        "index(['pages'], { name: 'long_ones', where: { pages__gt: 500 } })",
        "upperCaseX: char({ maxLength: 5, dbColumn: 'UPPER Case-x' }),",
        'note: char({ maxLength: 20, dbDefault: "it\'s" }),',
        '// the table has no primary key: code is unique',
        '// long_books is a view',
        "dbTable: 'order'",
      ])
        expect(text).toContain(part)
      expect(text).not.toContain('BookTags')
    })

    test('makemigrations writes one file, and then finds no change', async () => {
      const project = {
        apps: {
          apps: [
            { name: 'shop', root: folder, models },
            { name: 'copy', root: join(folder, 'copy'), models: copies },
          ],
        },
        user: null,
        root: folder,
      }
      const options = {
        check: false,
        dryRun: false,
        empty: false,
        merge: false,
        rename: [],
        noRenames: false,
        default: [],
        noInput: true,
      }
      const run = async (more: object = {}) => {
        const out = captureOutput()
        const code = await makemigrations.run({
          args: { apps: [] },
          options: { ...options, ...more },
          out,
          project,
        } as never)
        return [code ?? 0, out.text + out.errors]
      }
      expect((await run())[0]).toBe(0)
      expect(await run({ check: true })).toEqual([0, 'No changes.\n'])
    })

    test('tables that are made from the models are those that were read', async () => {
      await createTables('bare', {
        models: Object.fromEntries(Object.entries(copies).filter(([, model]) => typeof model === 'function')),
      })
      const [from, to] = [database('default'), database('bare')]
      const { introspector } = from.backend
      for (const table of await introspector.tables(to)) {
        if (table === 'keyless') continue // has a key now
        const [was, is] = [await introspector.table(from, table), await introspector.table(to, table)]
        expect(comparable(is!), table).toEqual(comparable(was!))
      }
    })

    test('no tables, an unknown one and a file that is there are told', async () => {
      await expect(inspect(join(folder, 'models.ts'), [], {})).rejects.toMatchObject({ code: 'db.file-exists' })
      await expect(inspect(join(folder, 'x.ts'), ['shop_boko'], {})).rejects.toMatchObject({
        code: 'db.no-tables',
        hint: 'Did you mean "shop_book"?',
      })
      await expect(inspect(join(folder, 'x.ts'), [], { app: 'none' })).rejects.toMatchObject({ code: 'db.no-tables' })
    })
  })

  describe(`values that Django wrote on ${engine}`, () => {
    test('are read as they are', async () => {
      const rows: Row[] = await everything().orderBy('id')
      expect(rows.map(values)).toEqual(pythonRows(dbs.old))
    })

    test('relations lead to the rows Django linked', async () => {
      const { Book } = models as any
      const book = await Book.objects.selectRelated('author', 'checkedBy', 'plain').get({ title: 'One' })
      expect([book.author.fullName, book.checkedBy.fullName, book.plain.name]).toEqual(['Ada', 'Bo', 'Roma'])
      expect((await book.tags.all().orderBy('code')).map((tag: Row) => tag.code)).toEqual(['x', 'ü y'])
      expect((await book.related.all()).map((each: Row) => each.title)).toEqual(['Two'])
      expect(await (models as any).LongBooks.objects.count()).toBe(0)
      const shop = await (models as any).Shop.objects.selectRelated('placePtr').get({ placePtr__name: 'Corso' })
      expect([shop.placePtr.name, String(shop.opened)]).toEqual(['Corso', '2001-02-03'])
    })

    test('a row saved without a change stays to the microsecond', async () => {
      const before = python(dbs.old, 'read')
      for (const row of await everything().orderBy('id')) {
        row.text = `${row.text}!`
        await row.save()
        row.text = row.text.slice(0, -1)
        await row.save()
      }
      expect(python(dbs.old, 'read')).toBe(before)
    })
  })

  describe(`values that we write on ${engine}`, () => {
    test('are read by Django as they are', async () => {
      const { Everything } = models as any
      const rows: Row[] = await everything().orderBy('id')
      const copied: Row[] = rows.map((row) =>
        Object.fromEntries(Everything.meta.columns.map(({ attname }: Row) => [attname, row[attname]])),
      )
      await everything('empty').bulkCreate(copied.slice(0, 3))
      for (const row of copied.slice(3)) await everything('empty').create(row)
      expect(pythonRows(dbs.empty)).toEqual(pythonRows(dbs.old))
      expect((await everything('empty').orderBy('id')).map(values)).toEqual(rows.map(values))
      // Text and JSON byte for byte, whatever both sides make of them.
      const stored =
        'SELECT id, CAST(price AS varchar(99)), CAST(clock AS varchar(99)), CAST(day AS varchar(99)), CAST(span AS varchar(99)) FROM shop_everything ORDER BY id'
      expect(python(dbs.empty, 'sql', stored)).toBe(python(dbs.old, 'sql', stored))
      await everything('empty').all().delete()
    })

    test('Django’s rows, written by Django and saved by us, filter alike', async () => {
      const found = async (where: Row) => (await everything().filter(where).orderBy('id')).map((row: Row) => row.id)
      const [first] = (await everything().orderBy('id')) as Row[]
      for (const name of ['price', 'exact', 'day', 'clock', 'key', 'big', 'real', 'span', 'bytes'])
        expect([name, await found({ [name]: first![name] })]).toEqual([name, [1]])
      expect(await found({ price__gt: new Decimal('1.49'), price__lt: 2 })).toEqual([3])
      expect(await found({ moment__lt: new Date('0001-01-02T00:00:00Z') })).toEqual([2])
      expect(await found({ moment__year: 1969 })).toEqual([3])
    })
  })

  describe(`fixtures between both on ${engine}`, () => {
    test.each(FORMATS)('SER-02 what Django dumps as %s loads here, and Django finds the same', async (format) => {
      const dump = (shared: Shared, ...words: string[]) =>
        python(shared, 'dump', 'auth.user', 'shop', '--exclude', 'shop.delete', ...words)
      const parts =
        format === 'xml' // which cannot hold the NUL of SQLite's last row
          ? [
              dump(dbs.old, '--format', format, '--exclude', 'shop.everything'),
              python(dbs.old, 'dump', 'shop.everything', '--pks', '1,2,3,4,5', '--format', format),
            ]
          : [dump(dbs.old, '--format', format)]
      const renamed = { 'auth.user': 'shop.AuthUser' }
      const sources = parts.map((text) => ({
        name: `django.${format}`,
        format,
        async *open() {
          yield text
        },
      }))
      await everything('empty').all().delete()
      const { perModel } = await loadFixtures(sources, { using: 'empty', models: renamed, ignoreNonexistent: true })
      expect(perModel).toMatchObject({ 'shop.AuthUser': 1, 'shop.Book': 2, 'shop.Place': 2, 'shop.Shop': 1 })
      expect(perModel['shop.Everything']).toBeGreaterThan(4)
      // Django cuts microseconds, and leaves .000 of them. Names of fields that the database does not know (editor is checked_by there), and groups, cannot come along.
      const known = (text: string) =>
        (JSON.parse(text.replaceAll(/\.000(?=Z?")/g, '')) as Row[])
          .filter(({ model, pk }) => format !== 'xml' || model !== 'shop.everything' || pk < 6)
          .map(({ model, pk, fields }) => {
            const { editor: _, groups: __, ip: ___, ...rest } = fields
            return { model, pk, fields: rest }
          })
      expect(known(dump(dbs.empty))).toEqual(known(dump(dbs.old)))
      if (format !== 'json') {
        const exact = (shared: Shared) => pythonRows(shared).map(({ moment, clock, span }) => [moment, clock, span])
        expect(exact(dbs.empty)).toEqual(exact(dbs.old).slice(0, exact(dbs.empty).length))
      }
      const numbers = models.Author!.objects.using('empty')
      const next = (await numbers.create({ fullName: 'next' })) as Row
      expect(await numbers.count()).toBe(3)
      await next.delete()
    })

    test.each(FORMATS)('SER-01 what we dump as %s loads into Django, to the microsecond', async (format) => {
      const rows: object[] = []
      for (const name of ['Everything', 'Author', 'Tag', 'Place'])
        rows.push(...(await models[name]!.objects.using('default').orderBy('pk')))
      const fits = format === 'xml' ? rows.filter((row) => !(row as Row).text?.includes('\0')) : rows
      const path = join(folder, `ours.${format}`)
      writeFileSync(path, await serialize(format, fits, { indent: 1 }))
      await everything('third').all().delete()
      python(dbs.third, 'load', path)
      const read = (shared: Shared) =>
        (JSON.parse(python(shared, 'read')) as Row[]).map(({ ip: _, ...row }) =>
          isKnown('ip') ? { ip: _, ...row } : row,
        )
      const [expected, found] = [read(dbs.old), read(dbs.third)]
      // Django trims what it reads from XML.
      const trimmed = expected.slice(0, 5).map((row) => ({ ...row, text: row.text.trim() }))
      expect(found).toEqual(format === 'xml' ? trimmed : expected)
    })
  })

  describe(`accounts on ${engine}`, () => {
    afterAll(() => configureHashers())

    test('a user that Django made signs in here, with the permissions of the group', async () => {
      const user = await User.objects.get({ username: 'ada' })
      expect(user.email).toBe('Ada@example.org')
      expect(await user.checkPassword('correct horse')).toBe(true)
      expect(await user.checkPassword('wrong horse')).toBe(false)
      expect(await user.hasPerm('shop.change_book')).toBe(true)
      expect(await user.hasPerm('shop.delete_book')).toBe(false)
    })

    test('a user that we made signs in there', async () => {
      // Django checks argon2 only where its library is installed; PBKDF2 it always knows.
      configureHashers([pbkdf2Hasher('sha256', 1000)])
      await using('empty', async () => {
        const user = new User({ username: 'bo', email: 'bo@example.org', isSuperuser: true })
        await user.setPassword('battery staple')
        await user.save()
      })
      expect(JSON.parse(python(dbs.empty, 'login', 'bo', 'battery staple'))).toMatchObject({
        name: 'bo',
        permissions: expect.arrayContaining(['shop.add_book']),
      })
      expect(JSON.parse(python(dbs.empty, 'login', 'bo', 'no'))).toBeNull()
    })
  })
}

/** As a person mends the file: SQLite tells a duration from a number as little as how many digits a decimal has. */
function mend(path: string): void {
  const text = readFileSync(path, 'utf8')
    .replace('span: bigInteger(', 'span: duration(')
    .replace(/price: decimal\({[^}]*}\)/, 'price: decimal({ maxDigits: 12, decimalPlaces: 2, null: true })')
    .replace(/.*declared as inet.*\n.*ip: .*\n/, '') // an address type of PostgreSQL, which has no field yet
    .replace(/exact: decimal\({[^}]*}\)/, 'exact: decimal({ maxDigits: 14, decimalPlaces: 6, null: true })')
  writeFileSync(path, /\bduration,/.test(text) ? text : text.replace('  float,\n', '  duration,\n  float,\n'))
}

/** What of a table is the same on both sides: not what its types were called, nor what models have no words for. */
function comparable({ columns, uniques, checks, indexes, ...table }: TableSpec) {
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
  const pair = (names: readonly (string | undefined)[]) => names.join()
  const unique = [
    ...uniques.filter((each) => each.columns.length > 1).map((each) => pair(each.columns)),
    ...indexes
      .filter((index) => index.unique && !index.where)
      .map((index) => pair(index.columns.map((part) => part.name))),
  ]
  return {
    name: table.name,
    primaryKey: table.primaryKey,
    columns: columns
      .map(({ name, type, null: empty, references, ...column }) => ({
        name,
        null: empty,
        unique: column.unique === true,
        default: column.default && 'value' in column.default ? String(column.default.value) : column.default,
        references: references && [references.table, references.column, references.onDelete],
        kind: ['auto', 'integer', 'smallInteger', 'bigInteger'].includes(type.kind) ? 'number' : type.kind,
        length: type.maxLength,
      }))
      .sort(byName),
    unique: unique.sort(),
    checks: checks
      .map(({ name }) => name)
      .filter((name) => name !== 'odd_check')
      .sort(),
    indexes: indexes
      .filter((index) => !index.unique && !/_like$/.test(index.name))
      .map(({ name, columns: parts, where }) => ({ name, parts, where: where?.replace(/[()"\s]/g, '') }))
      .sort(byName),
  }
}
