import { admin, LogEntry } from 'nuages/admin'
import { beforeEach, describe, expect, test } from 'vitest'
import { User } from './project/accounts/models.ts'
import { Author, Book, Loan, Seat } from './project/library/models.ts'
import { adminSite, as, root, staff, textOf } from './site.ts'

const site = adminSite()
const LOANS = '/admin/library/loan/'
let client: Awaited<ReturnType<typeof as>>
let books: Book[]
let loans: Loan[]
beforeEach(async () => {
  client = await as(site, await root())
  const ada = await Author.objects.create({ name: 'Ada' })
  books = await Book.objects.bulkCreate(
    ['One', 'Two'].map((title) => ({ title, slug: title.toLowerCase(), author: ada })),
  )
  loans = await Loan.objects.bulkCreate(['Ann', 'Ben', 'Cem'].map((reader) => ({ book: books[0]!, reader })))
})
const readers = () => Loan.objects.orderBy('id').valuesList('reader', { flat: true })
const key = (index: number) => loans[index]!.id

/** Everything a page would send: what each row showed, and what each control holds. */
function form(html: string): Record<string, string> {
  const values: Record<string, string> = { _save: '1' }
  for (const [tag] of html.matchAll(/<input[^>]*name="(?:was|cell):[^>]*>/g))
    values[/ name="([^"]*)"/.exec(tag)![1]!] = textOf(/ value="([^"]*)"/.exec(tag)?.[1] ?? '')
  for (const [, name, options] of html.matchAll(/<select name="(cell:[^"]*)"[^>]*>([\s\S]*?)<\/select>/g))
    values[name!] = /<option value="([^"]*)" selected/.exec(options!)?.[1] ?? ''
  return values
}
const shown = async () => form((await client.get(LOANS)).body)
const errorsOf = (html: string) =>
  Object.fromEntries(
    [...html.matchAll(/<ul class="errors" id="cell:([^"]*):errors">([\s\S]*?)<\/ul>/g)].map(([, name, list]) => [
      name,
      textOf(list!),
    ]),
  )

describe('cells of the list (ADM-07)', () => {
  test('are controls with the name of their row, that belong to a form of their own', async () => {
    const { body } = await client.get(LOANS)
    expect(body).toMatch(
      new RegExp(`<input type="text" name="cell:${key(0)}:reader"[^>]* value="Ann"[^>]* form="edit-rows"`),
    )
    expect(body).toContain('aria-label="Reader of Loan of Ann"')
    expect(body).toContain('id="edit-rows" method="post"')
  })

  test('save what was changed, with an entry for each row, and say how many', async () => {
    const values = await shown()
    values[`cell:${key(0)}:reader`] = 'Anna'
    values[`cell:${key(2)}:book`] = String(books[1]!.id)
    const saved = await client.post(`${LOANS}?o=reader`, values)
    expect(saved.headers.get('location')).toBe(`${LOANS}?o=reader`)
    expect((await client.get(LOANS)).body).toContain('2 rows were saved.')
    expect(await readers()).toEqual(['Anna', 'Ben', 'Cem'])
    expect((await Loan.objects.get({ id: key(2) })).bookId).toBe(books[1]!.id)
    const entries = await LogEntry.objects.orderBy('objectId')
    expect(
      entries.map(({ objectId, changeMessage }) => [objectId, JSON.parse(changeMessage)[0].changed.values]),
    ).toEqual([
      [String(key(0)), { reader: ['Ann', 'Anna'] }],
      [String(key(2)), { book: ['One', 'Two'] }],
    ])
  })

  test('of a relation to many rows find a row by its name, and show the one chosen', async () => {
    const author = await Author.objects.get({ name: 'Ada' })
    await Book.objects.bulkCreate(Array.from({ length: 1001 }, (_, i) => ({ title: `b${i}`, slug: `b${i}`, author })))
    const { body } = await client.get(LOANS)
    expect(body).toContain('/admin/library/book/choices/')
    expect(body).not.toContain('b777')
    expect(body).toMatch(/>One</)
  })

  test('left as they were, save nothing', async () => {
    const saved = await client.post(LOANS, await shown())
    expect(saved.status).toBe(302)
    expect((await client.get(LOANS)).body).toContain('There was nothing to save.')
    expect(await LogEntry.objects.count()).toBe(0)
  })

  test('belong to their row, whatever order the rows have meanwhile', async () => {
    const values = await shown()
    values[`cell:${key(1)}:reader`] = 'Bea'
    const { [`was:${key(1)}`]: last, ...before } = values
    await client.post(LOANS, { ...before, [`was:${key(1)}`]: last! })
    expect(await readers()).toEqual(['Ann', 'Bea', 'Cem'])
  })

  test('that are wrong save none of the rows; what was typed stays, with its message', async () => {
    const values = await shown()
    values[`cell:${key(0)}:reader`] = ''
    values[`cell:${key(1)}:reader`] = 'Bea'
    values[`cell:${key(2)}:book`] = '9999'
    const wrong = await client.post(LOANS, values)
    expect(wrong.status).toBe(422)
    expect(await readers()).toEqual(['Ann', 'Ben', 'Cem'])
    expect(errorsOf(wrong.body)).toEqual({
      [`${key(0)}:reader`]: 'This field is required.',
      [`${key(2)}:book`]: expect.any(String),
    })
    expect(form(wrong.body)).toMatchObject({ [`cell:${key(0)}:reader`]: '', [`cell:${key(1)}:reader`]: 'Bea' })
    expect(wrong.body).toContain('Nothing was saved')
    expect(await LogEntry.objects.count()).toBe(0)
  })
})

describe('a row that somebody else changed meanwhile', () => {
  test('is not overwritten: both values are told, and a second save writes', async () => {
    const values = await shown()
    await Loan.objects.filter({ id: key(0) }).update({ reader: 'Zoe' })
    values[`cell:${key(0)}:reader`] = 'Anna'
    values[`cell:${key(1)}:reader`] = 'Bea'
    const stale = await client.post(LOANS, values)
    expect(stale.status).toBe(409)
    expect(errorsOf(stale.body)[`${key(0)}:reader`]).toContain('Somebody changed this to “Zoe”')
    expect(stale.body).toContain('1 row was changed by somebody else')
    expect(await readers()).toEqual(['Zoe', 'Ben', 'Cem'])
    const again = await client.post(LOANS, form(stale.body))
    expect(again.status).toBe(302)
    expect(await readers()).toEqual(['Anna', 'Bea', 'Cem'])
  })

  test('in a cell that this user left alone keeps the other’s value', async () => {
    const values = await shown()
    await Loan.objects.filter({ id: key(0) }).update({ reader: 'Zoe' })
    values[`cell:${key(0)}:book`] = String(books[1]!.id)
    expect((await client.post(LOANS, values)).status).toBe(302)
    const row = await Loan.objects.get({ id: key(0) })
    expect([row.reader, row.bookId]).toEqual(['Zoe', books[1]!.id])
  })

  test('and one that is gone is told', async () => {
    const values = await shown()
    await Loan.objects.filter({ id: key(0) }).delete()
    values[`cell:${key(0)}:reader`] = 'Anna'
    values[`cell:${key(1)}:reader`] = 'Bea'
    const gone = await client.post(LOANS, values)
    expect(gone.status).toBe(409)
    expect(gone.body).toContain('This row is not there any more.')
    expect(await readers()).toEqual(['Ben', 'Cem'])
  })
})

describe('who may edit', () => {
  test('without the permission there are values, and a post is refused', async () => {
    const values = await shown()
    const viewer = await as(site, await staff(['library.view_loan']))
    const page = await viewer.get(LOANS)
    expect(page.body).not.toContain('cell:')
    values[`cell:${key(0)}:reader`] = 'Anna'
    expect((await viewer.post(LOANS, values)).status).toBe(403)
    expect(await readers()).toEqual(['Ann', 'Ben', 'Cem'])
  })

  test('fields that are not edited in the list are not written, whatever is sent', async () => {
    const values = await shown()
    const sent = { ...values, [`cell:${key(0)}:id`]: '77', [`was:${key(0)}`]: '{"id":"1","reader":"Ann"}' }
    expect((await client.post(LOANS, sent)).status).toBe(302)
    expect(await Loan.objects.filter({ id: 77 }).exists()).toBe(false)
  })

  test.each(['', 'null', '[]', '{', '"x"', '{"reader":5}', '{"__proto__":{"reader":"Ann"}}'])(
    'a hidden value %j that somebody wrote by hand overwrites nothing',
    async (was) => {
      const sent = { _save: '1', [`was:${key(0)}`]: was, [`cell:${key(0)}:reader`]: 'Mallory' }
      expect((await client.post(LOANS, sent)).status).toBeLessThan(500)
      expect((await readers())[0]).toBe('Ann')
    },
  )

  test('a key of two parts names its row', async () => {
    await Seat.objects.create({ row: 'A:,/%', number: 7, note: 'window' })
    const list = await client.get('/admin/library/seat/')
    const values = form(list.body)
    const [cell] = Object.keys(values).filter((name) => name.startsWith('cell:'))
    expect((await client.post('/admin/library/seat/', { ...values, [cell!]: 'aisle' })).status).toBe(302)
    expect(await Seat.objects.valuesList('note', { flat: true })).toEqual(['aisle'])
  })
})

/** Last: it registers the user model, and takes it out again. */
describe('accounts', () => {
  test('nobody takes the rights of others in a list, or makes themselves a superuser', async () => {
    admin.register(User, { list: ['email', 'displayName', 'isSuperuser'], editable: ['displayName', 'isSuperuser'] })
    try {
      const user = await staff(['accounts.view_user', 'accounts.change_user'])
      const boss = await User.objects.get({ email: 'root@example.org' })
      const limited = await as(site, user)
      const url = '/admin/accounts/user/'
      const { body } = await limited.get(url)
      expect(body).toContain(`cell:${boss.id}:displayName`)
      expect(body).not.toContain(':isSuperuser"')
      const was = (key: unknown) => ({ [`was:${key}`]: '{"displayName":"","isSuperuser":"false"}' })
      const own = { _save: '1', ...was(user.id), [`cell:${user.id}:isSuperuser`]: 'on' }
      expect((await limited.post(url, own)).status).toBe(302)
      const theirs = { _save: '1', ...was(boss.id), [`cell:${boss.id}:displayName`]: 'Mallory' }
      const refused = await limited.post(url, theirs)
      expect([refused.status, refused.body.includes('You may not change this row.')]).toEqual([422, true])
      expect(await User.objects.filter({ isSuperuser: true }).valuesList('email', 'displayName')).toEqual([
        ['root@example.org', ''],
      ])
    } finally {
      admin.unregister(User)
    }
  })
})
