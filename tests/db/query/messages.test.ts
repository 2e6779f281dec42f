import { expect, test } from 'vitest'
import { Book } from './models.ts'
import { freshTables } from './setup.ts'

freshTables()

test.each([
  ['title__contans', '"contans" is not a lookup of library.Book.title (in "title__contans").'],
  ['publishedAt__yaer', '"yaer" is not a lookup of library.Book.publishedAt (in "publishedAt__yaer").'],
  ['publishedAt__year__gtt', '"gtt" is not a lookup of library.Book.publishedAt__year (in "publishedAt__year__gtt").'],
])('a lookup that is not there is told with the field it was asked of: %s', (path, message) => {
  expect(() => Book.objects.dynamic({ [path]: 1 })).toThrow(message)
})
