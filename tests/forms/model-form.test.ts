import { defineApp } from 'nuages'
import { boolean, char, choice, dateTime, foreignKey, integer, json, Model, manyToMany, text, unique } from 'nuages/db'
import { integerField, modelForm, renderForm } from 'nuages/forms'
import { addCatalog, clearCatalogs, tLazy, withLanguage, withTimeZone } from 'nuages/i18n'
import { ValidationError } from 'nuages/validators'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { closeDatabases, configureDatabases, database } from '../../src/db/internal.ts'
import { tableSpec } from '../../src/db/migrations/table-spec.ts'
import type { AnyModel } from '../../src/db/models/meta.ts'

class Shelf extends Model<Shelf>()({ name: char({ maxLength: 20, unique: true }) }) {
  override toString() {
    return this.name
  }
}
class Tag extends Model<Tag>()({ name: char({ maxLength: 20 }) }) {}
class Book extends Model<Book>()(
  {
    title: char({ maxLength: 20 }),
    pages: integer({ min: 1, null: true, blank: true }),
    status: choice({ draft: 'Draft', published: 'Published' }, { default: 'draft' }),
    lent: boolean({ default: false }),
    publishedAt: dateTime({ null: true, blank: true }),
    extra: json<unknown>({ null: true }),
    shelf: () => foreignKey(Shelf, { onDelete: 'cascade' }),
    tags: () => manyToMany(Tag, { blank: true }),
  },
  { constraints: [unique(['title', 'shelf'])] },
) {
  override clean() {
    if (this.status === 'published' && this.pages === null)
      throw new ValidationError({ pages: 'A published book has pages.' })
  }
}
class Visit extends Model<Visit>()({
  name: char({ maxLength: 20, blank: true, verboseName: tLazy('visitor') }),
  kind: choice({ long: tLazy('Long'), short: tLazy('Short') }, { default: 'long' }),
  pleased: boolean({ null: true }),
  notes: text({ blank: true }),
  extra: json<unknown>({ null: true, blank: true }),
}) {}
defineApp({ name: 'formtest', root: import.meta.url, models: { Shelf, Tag, Book, Visit } })

beforeEach(async () => {
  await closeDatabases()
  configureDatabases({ default: { engine: 'sqlite', url: 'sqlite::memory:' } })
  const db = database()
  const models = [Shelf, Tag, Book, Visit] as unknown as AnyModel[]
  const between = models.flatMap((model) => model.meta.manyToMany.map((field) => field.relation!.through!.model))
  for (const model of [...models, ...between])
    for (const sql of db.backend.schema.createTable(tableSpec(db.backend, model.meta))) await db.exec(sql)
})
afterAll(closeDatabases)

const fields = ['title', 'pages', 'status', 'lent', 'publishedAt', 'shelf', 'tags'] as const
const bookForm = () => modelForm(Book, { fields })
const data = (pairs: [string, string][]) => new URLSearchParams(pairs)

describe('a form from a model', () => {
  test('is drawn with the rows of its relations as choices', async () => {
    await Shelf.objects.create({ name: 'Jazz' })
    expect(renderForm(await bookForm().empty())).toContain('>Jazz</option>')
  })

  test('makes a row with its many-to-many rows', async () => {
    const shelf = await Shelf.objects.create({ name: 'A' })
    const [one, two] = await Tag.objects.bulkCreate([{ name: 'x' }, { name: 'y' }])
    const sent = await bookForm().bind(
      data([
        ['title', 'Nuages'],
        ['status', 'published'],
        ['pages', '12'],
        ['publishedAt', '2026-01-02T03:04:05'],
        ['shelf', String(shelf.id)],
        ['tags', String(one!.id)],
        ['tags', String(two!.id)],
      ]),
    )
    expect([await sent.isValid(), sent.errors]).toEqual([true, {}])
    await sent.save()
    const book = await Book.objects.get({ title: 'Nuages' })
    expect([book.pages, book.lent, book.shelfId]).toEqual([12, false, shelf.id])
    expect(book.publishedAt?.toISOString()).toBe('2026-01-02T03:04:05.000Z')
    expect((await book.tags.all()).length).toBe(2)
  })

  test('changes a row, and knows what changed', async () => {
    const shelf = await Shelf.objects.create({ name: 'A' })
    const book = await Book.objects.create({ title: 'Old', shelf, pages: 3 })
    const sent = await bookForm().bind(
      data([
        ['title', 'New'],
        ['status', 'draft'],
        ['pages', '3'],
        ['shelf', String(shelf.id)],
      ]),
      { instance: book },
    )
    expect(await sent.isValid()).toBe(true)
    expect(sent.changed).toEqual(['title'])
    await sent.save()
    expect((await Book.objects.get({ id: book.id })).title).toBe('New')
  })

  test("places the model's own rules, unique values and missing relations on their fields", async () => {
    const shelf = await Shelf.objects.create({ name: 'A' })
    await Book.objects.create({ title: 'Taken', shelf })
    const errorsOf = async (pairs: [string, string][]) => {
      const sent = await bookForm().bind(data(pairs))
      await sent.isValid()
      return sent.errors
    }
    const key = String(shelf.id)
    expect(
      Object.keys(
        await errorsOf([
          ['title', 'x'],
          ['status', 'published'],
          ['shelf', key],
        ]),
      ),
    ).toEqual(['pages'])
    expect(
      Object.keys(
        await errorsOf([
          ['title', 'Taken'],
          ['status', 'draft'],
          ['shelf', key],
        ]),
      ),
    ).toEqual([''])
    expect(
      Object.keys(
        await errorsOf([
          ['title', 'x'],
          ['status', 'draft'],
          ['shelf', '99'],
        ]),
      ),
    ).toEqual(['shelf'])
    expect(
      Object.keys(
        await errorsOf([
          ['title', 'x'],
          ['status', 'gone'],
          ['shelf', key],
        ]),
      ),
    ).toEqual(['status'])
    expect(
      Object.keys(
        await errorsOf([
          ['title', 'x'],
          ['status', 'draft'],
          ['shelf', key],
          ['tags', '5'],
        ]),
      ),
    ).toEqual(['tags'])
    expect(await Book.objects.count()).toBe(1)
  })

  test('what the model finds is told together with what is wrong in other fields, as Django tells it', async () => {
    const shelf = await Shelf.objects.create({ name: 'north' })
    await Book.objects.create({ title: 'Taken', shelf })
    const shelves = modelForm(Shelf, { fields: ['name'], extra: { age: integerField() } })
    const double = await shelves.bind(
      data([
        ['name', 'north'],
        ['age', 'x'],
      ]),
    )
    expect(await double.isValid()).toBe(false)
    expect(Object.keys(double.errors).sort()).toEqual(['age', 'name'])

    const form = await bookForm().bind(
      data([
        ['title', 'Taken'],
        ['pages', 'x'],
        ['status', 'published'],
        ['shelf', `${shelf.id}`],
      ]),
    )
    expect(await form.isValid()).toBe(false)
    expect(form.errors.pages).toHaveLength(1) // clean() was not asked: it would speak of pages that nobody knows
    expect(form.errors['']).toEqual([expect.stringContaining('already exists')])
  })

  test('a row is left as it was, too, where only some of its values could be looked at', async () => {
    const shelf = await Shelf.objects.create({ name: 'north' })
    const book = await Book.objects.create({ title: 'Old', shelf })
    const form = await bookForm().bind(
      data([
        ['title', 'New'],
        ['pages', 'x'],
        ['status', 'draft'],
        ['shelf', `${shelf.id}`],
      ]),
      { instance: book },
    )
    expect(await form.isValid()).toBe(false)
    expect([book.title, book.pages]).toEqual(['Old', null])
  })

  test('leaves a row as it was when it is refused', async () => {
    const shelf = await Shelf.objects.create({ name: 'A' })
    const book = await Book.objects.create({ title: 'Kept', shelf })
    const sent = await bookForm().bind(
      data([
        ['title', 'x'],
        ['status', 'published'],
        ['shelf', String(shelf.id)],
      ]),
      { instance: book },
    )
    expect(await sent.isValid()).toBe(false)
    expect([book.title, book.status]).toEqual(['Kept', 'draft'])
  })

  test('leaves a value alone that comes back as it was shown: milliseconds, an hour that comes twice', async () => {
    const shelf = await Shelf.objects.create({ name: 'A' })
    // 02:30 in Paris, for the second time in that night: its first 02:30 was an hour before.
    const instant = new Date('2026-10-25T01:30:00.123Z')
    const book = await Book.objects.create({ title: 'T', shelf, publishedAt: instant })
    await withTimeZone('Europe/Paris', async () => {
      const sent = await bookForm().bind(
        data([
          ['title', 'U'],
          ['status', 'draft'],
          ['publishedAt', '2026-10-25T02:30:00'],
          ['shelf', String(shelf.id)],
        ]),
        { instance: book },
      )
      expect([await sent.isValid(), sent.changed]).toEqual([true, ['title']])
      await sent.save()
    })
    expect((await Book.objects.get({ id: book.id })).publishedAt).toEqual(instant)
  })

  test('saves the row and what it is related to together, or nothing', async () => {
    const shelf = await Shelf.objects.create({ name: 'A' })
    const tag = await Tag.objects.create({ name: 'x' })
    const sent = await bookForm().bind(
      data([
        ['title', 'Half'],
        ['status', 'draft'],
        ['shelf', String(shelf.id)],
        ['tags', String(tag.id)],
      ]),
    )
    expect(await sent.isValid()).toBe(true)
    await database().exec('DROP TABLE formtest_book_tags')
    await expect(sent.save()).rejects.toThrow('formtest_book_tags')
    expect(await Book.objects.filter({ title: 'Half' }).exists()).toBe(false)
  })

  test('draws choices of relations, and what the row holds', async () => {
    const shelf = await Shelf.objects.create({ name: '<A&B>' })
    const book = await Book.objects.create({ title: 'T', shelf, publishedAt: new Date('2026-01-02T03:04:05Z') })
    const shown = await bookForm().empty({ instance: book })
    await shown.prepare()
    const html = renderForm(shown)
    expect(html).toContain(`<option value="${shelf.id}" selected>&lt;A&amp;B&gt;</option>`)
    expect(html).toContain('value="2026-01-02T03:04:05"')
    expect(html).not.toContain('<A&B>')
  })

  test('refuses fixed values of a field that is not there', async () => {
    const sent = bookForm().bind(new FormData(), { fixed: { athor: 1 } })
    await expect(sent).rejects.toMatchObject({
      code: 'form.unknown-field',
      message: expect.stringContaining('"athor"'),
    })
  })

  test('refuses names that are not there, with the ones that are', () => {
    expect(() => modelForm(Book, { fields: ['titel' as 'title'] })).toThrow('"titel" is not a field of formtest.Book')
  })
})

describe('the controls of a visit', () => {
  const fields = ['name', 'kind', 'pleased', 'notes', 'extra'] as const
  const visitForm = modelForm(Visit, { fields })
  const save = async (visit: Visit, pairs: [string, string][]) => {
    const sent = await visitForm.bind(data([['kind', 'long'], ...pairs]), { instance: visit })
    expect([await sent.isValid(), sent.errors]).toEqual([true, {}])
    await sent.save()
    return [await Visit.objects.get({ id: visit.id }), sent.changed] as const
  }

  test('a boolean that may be null has three answers, and keeps the third', async () => {
    const visit = await Visit.objects.create({})
    expect(renderForm(await visitForm.empty({ instance: visit }))).toContain(
      '<option value="" selected>Unknown</option><option value="true">Yes</option><option value="false">No</option>',
    )
    expect((await save(visit, [['pleased', '']]))[0].pleased).toBe(null)
    expect((await save(visit, [['pleased', 'false']]))[0].pleased).toBe(false)
    expect((await save(visit, [['pleased', 'true']]))[0].pleased).toBe(true)
    const refused = await visitForm.bind(data([['pleased', 'perhaps']]))
    expect(await refused.isValid()).toBe(false)
  })

  test("a browser's line ends are no change; spaces around a line go, those of a text stay", async () => {
    const visit = await Visit.objects.create({ notes: ' one\ntwo\n' })
    const [saved, changed] = await save(visit, [
      ['name', ' Ada '],
      ['notes', ' one\r\ntwo\r\n'],
    ])
    expect([saved.name, saved.notes, changed]).toEqual(['Ada', ' one\ntwo\n', ['name']])
  })

  test('JSON is read as JSON, and shown again as it was typed when it is none', async () => {
    const visit = await Visit.objects.create({ extra: { a: 1 } })
    const [saved, changed] = await save(visit, [['extra', '{"a": 1, "b": [null, "x"]}']])
    expect([saved.extra, changed]).toEqual([{ a: 1, b: [null, 'x'] }, ['extra']])
    expect((await save(visit, [['extra', '{"a":1,"b":[null,"x"]}']]))[1]).toEqual([])
    expect((await save(visit, [['extra', '"text"']]))[0].extra).toBe('text')
    const refused = await visitForm.bind(data([['extra', '{"a": ']]), { instance: visit })
    expect([await refused.isValid(), refused.errors.extra]).toEqual([false, ['Enter a valid JSON value.']])
    expect(refused.field('extra').value).toBe('{"a": ')
  })

  test('labels and choices speak the language of the moment, not of the first form', async () => {
    addCatalog('fr', { visitor: 'visiteur', Long: 'Longue' })
    const html = await withLanguage('fr', async () => renderForm(await visitForm.empty()))
    expect(html).toContain('Visiteur')
    expect(html).toContain('>Longue</option>')
    const visit = new Visit({ kind: 'long' })
    expect([visit.getKindDisplay(), withLanguage('fr', () => visit.getKindDisplay())]).toEqual(['Long', 'Longue'])
    clearCatalogs()
  })
})
