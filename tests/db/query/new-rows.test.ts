/** EXP-01: values of new rows that the database computes. */
import { F, Value } from 'nuages/db'
import { Lower, Upper } from 'nuages/db/functions'
import { expect, test } from 'vitest'
import { Author, Book } from './models.ts'
import { freshTables } from './setup.ts'

freshTables()

test('EXP-01: create() takes expressions of no columns, and reads back what came of them', async () => {
  const first = await Author.objects.create({ name: Lower(Value('DJANGO')), birthYear: 1910 })
  const second = await Author.objects.create({ name: Upper(Value('bill')) })
  expect([first.name, second.name, typeof second.id]).toEqual(['django', 'BILL', 'number'])
  expect(await Author.objects.orderBy('id').valuesList('name', 'birthYear')).toEqual([
    ['django', 1910],
    ['BILL', null],
  ])
  first.name = 'Reinhardt'
  await first.save()
  expect(await Author.objects.filter({ name: 'Reinhardt' }).count()).toBe(1)
})

test('EXP-01: a new row has no columns to compute from', async () => {
  await expect(Author.objects.create({ name: F<'name', Author>('name') } as never)).rejects.toMatchObject({
    code: 'db.invalid-value',
    message: 'library.Author.name is computed from columns: a new row has none yet.',
  })
  expect(await Book.objects.count()).toBe(0)
})
