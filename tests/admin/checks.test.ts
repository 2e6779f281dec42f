import { defineApp } from 'nuages'
import { action, admin } from 'nuages/admin'
import { Count, char, date, foreignKey, integer, Model, manyToMany, reverse, text } from 'nuages/db'
import { afterEach, describe, expect, test } from 'vitest'
import checks from '../../src/admin/checks.ts'
import { User } from './project/accounts/models.ts'
import { Author as Known } from './project/library/models.ts'
import { adminSite, as, root } from './site.ts'

class Shelf extends Model<Shelf>()({
  name: char({ maxLength: 20 }),
  volumes: () => reverse(Volume, 'shelf'),
}) {}
class Volume extends Model<Volume>()({
  title: char({ maxLength: 20 }),
  body: text(),
  pages: integer(),
  key: char({ maxLength: 20, secret: true }),
  shelf: () => foreignKey(Shelf, { onDelete: 'cascade' }),
  others: () => manyToMany(Volume, { blank: true }),
  bought: date({ null: true, blank: true }),
}) {}
defineApp({ name: 'checked', root: '/', models: { Shelf, Volume } })
const print = action(Volume, { label: 'Print', run: () => 'Printed.' })

/** Registers as JavaScript would, where no compiler looks. */
const register = (model: { prototype: object }, options: object) => admin.register(model, options as never)
afterEach(() => {
  admin.unregister(Shelf)
  admin.unregister(Volume)
})

async function found(options: object, model: { prototype: object } = Volume) {
  register(model, options)
  const all = await checks[0]!({ project: null, deploy: false })
  const own = all.filter(({ object }) => object?.startsWith('checked.'))
  return own.map(({ id, message, hint }) => `${id} ${message} ${hint}`)
}

describe('the checks name the option, what it names and what is near', () => {
  test.each<[object, string, string]>([
    [{ list: ['titel'] }, 'admin.E001', 'Did you mean "title"?'],
    [{ list: ['shelf__nmae'] }, 'admin.E001', 'Did you mean "shelf__name"?'],
    [{ list: ['shelff__name'] }, 'admin.E001', 'Did you mean "shelf"?'],
    [{ list: ['title__x'] }, 'admin.E001', 'Names: '],
    [{ list: ['wrods'], columns: { words: { value: () => 1 } } }, 'admin.E001', 'Did you mean "words"?'],
    [{ list: ['__proto__'] }, 'admin.E001', 'Names: '],
    [{ fieldsets: [{ fields: ['title', ['pages', 'bdoy']] }] }, 'admin.E006', 'Did you mean "body"?'],
    [{ fieldsets: [{ fields: ['title', ['title']] }] }, 'admin.E012', 'Keep one'],
    [{ fields: ['title'], fieldsets: [{ fields: ['pages'] }] }, 'admin.E027', 'Keep one'],
    [{ fieldsets: [{ collapsed: true, fields: ['pages'] }] }, 'admin.E028', 'title'],
    [{ filters: ['shelv'] }, 'admin.E002', 'Did you mean "shelf"?'],
    [{ search: ['^titl'] }, 'admin.E003', 'Did you mean "title"?'],
    [{ search: ['@title'] }, 'admin.E003', 'Did you mean "title"?'],
    [{ ordering: ['-page'] }, 'admin.E004', 'Did you mean "pages"?'],
    [{ list: ['others'] }, 'admin.E005', 'leads to many rows'],
    [{ list: ['shelf__volumes__title'] }, 'admin.E005', 'leads to many rows'],
    [{ ordering: ['others__title'] }, 'admin.E005', 'leads to many rows'],
    [{ fields: ['titles'] }, 'admin.E006', 'Did you mean "title"?'],
    [{ readonly: ['titles'] }, 'admin.E006', 'Did you mean "title"?'],
    [{ list: ['title'], links: ['pages'] }, 'admin.E007', 'Names: title'],
    [{ perPage: 0 }, 'admin.E008', '1 to 1,000'],
    [{ perPage: 1.5 }, 'admin.E008', 'is 1.5'],
    [{ list: ['key'] }, 'admin.E009', 'is secret'],
    [{ search: ['=key'] }, 'admin.E009', 'is secret'],
    [{ filters: ['key'] }, 'admin.E009', 'is secret'],
    [{ ordering: ['key'] }, 'admin.E009', 'is secret'],
    [{ search: ['shelf'] }, 'admin.E010', '"shelf__name"'],
    [{ filters: ['body'] }, 'admin.E010', 'cannot be listed'],
    [{ list: ['title', 'title'] }, 'admin.E012', 'twice'],
    [{ columns: { title: { value: () => 1 } } }, 'admin.E013', 'has the name of a field'],
    [{ columns: { x: { value: () => 1, orderBy: 'titel' } } }, 'admin.E004', 'Did you mean "title"?'],
  ])('%j', async (options, id, words) => {
    const all = await found(options)
    expect(all).toHaveLength(1)
    expect(all[0]).toContain(id)
    expect(all[0]).toContain('checked.Volume')
    expect(all[0]).toContain(words)
  })

  test('the other side of a relation cannot be written in a form', async () => {
    expect(await found({ fields: ['name', 'volumes'] }, Shelf)).toEqual([
      expect.stringMatching(/^admin\.E011 .*"volumes".*checked\.Volume/),
    ])
  })

  test.each<[object, string, string]>([
    [{ list: ['title', 'pages'], editable: ['pagse'] }, 'admin.E020', 'Did you mean "pages"?'],
    [{ list: ['title', 'pages'], editable: ['title'] }, 'admin.E021', 'Name another column in links: pages'],
    [{ list: ['title', 'id'], editable: ['id'] }, 'admin.E021', 'it is the key of the row'],
    [{ list: ['title', 'shelf__name'], editable: ['shelf__name'] }, 'admin.E021', 'no field of the model itself'],
    [{ list: ['title', 'w'], editable: ['w'], columns: { w: { value: () => 1 } } }, 'admin.E021', 'it is computed'],
    [{ list: ['title', 'pages'], editable: ['pages'], perPage: 451 }, 'admin.E022', 'Give perPage 450 or less.'],
    [{ dateHierarchy: 'bougth' }, 'admin.E023', 'Did you mean "bought"?'],
    [{ dateHierarchy: 'shelf__bought' }, 'admin.E023', 'which is not there'],
    [{ dateHierarchy: 'title' }, 'admin.E023', 'which is no date'],
    [{ dateHierarchy: 'others__bought' }, 'admin.E023', 'leads to many rows'],
    [{ actions: [{ label: 'x' }] }, 'admin.E024', 'something that is no action'],
    [{ actions: [null] }, 'admin.E024', 'something that is no action'],
    [{ actions: [action(Shelf, { label: 'x', run: () => '' })] }, 'admin.E024', 'an action of checked.Shelf'],
    [{ actions: [print, print] }, 'admin.E025', '"Print" twice'],
    [{ actions: [action(Volume, { label: '', run: () => '' })] }, 'admin.E025', 'without a label'],
    [{ actions: [action(Volume, { label: '~delete', run: () => '' })] }, 'admin.E025', 'begins with ~'],
    [{ list: ['title', 'w'], columns: { w: { label: 'W' } } }, 'admin.E026', 'has no value'],
    [
      { list: ['title', 'w'], columns: { w: { value: () => 1, orderBy: '-pagse' } } },
      'admin.E004',
      'Did you mean "pages"?',
    ],
  ])('%j → %s', async (options, id, text) => {
    const all = await found(options)
    expect(all).toHaveLength(1)
    expect(all[0]).toContain(id)
    expect(all[0]).toContain(text)
  })

  test('a computed column may stand for the other side of a relation', async () => {
    const columns = { volumes: { value: () => 1 } }
    expect(await found({ list: ['name', 'volumes'], fields: ['name', 'volumes'], columns }, Shelf)).toEqual([])
  })

  test('nothing is found where nothing is wrong', async () => {
    const good = {
      list: ['title', 'shelf', 'shelf__name', '__str__', 'words', 'shelfId'],
      links: ['words'],
      filters: ['shelf', 'others', 'pages'],
      search: ['title', '^shelf__name', '=others__title'],
      ordering: ['-shelf__name', 'id'],
      fields: ['title', 'key', 'others', 'words'],
      readonly: ['pages', 'words'],
      columns: { words: { value: () => 1, orderBy: '-pages' }, n: { value: Count('others') } },
      editable: ['title', 'shelf'],
      dateHierarchy: 'bought',
      actions: [print],
    }
    expect(await found(good)).toEqual([])
  })
})

describe('registering', () => {
  test('twice is an error that says what to do', () => {
    register(Volume, {})
    expect(() => register(Volume, {})).toThrow('checked.Volume is registered in the admin twice.')
    admin.unregister(Volume)
    expect(() => register(Volume, {})).not.toThrow()
  })
})

describe('in a project', () => {
  const site = adminSite()
  test('checks run before anything is served, over the real registrations', async () => {
    await site.project.loadUrls()
    admin.unregister(Known)
    register(Known, { list: ['nmae'] })
    try {
      const findings = await site.project.checks()
      expect(findings.map(({ id }) => id)).toContain('admin.E001')
      const client = await as(site, await root())
      // Served all the same, the page fails and says why to its developers.
      const answer = await client.get('/admin/library/author/').then(
        ({ status }) => status,
        (error: { code?: string }) => error.code,
      )
      expect([500, 'admin.unknown-path']).toContain(answer)
    } finally {
      admin.unregister(Known)
    }
  })

  test('the user’s password is no field of any option', async () => {
    register(User, { fields: ['email', 'password'] })
    try {
      const findings = await site.project.checks()
      expect(findings.filter(({ id }) => id === 'admin.E009')).toHaveLength(1)
    } finally {
      admin.unregister(User)
    }
  })
})
