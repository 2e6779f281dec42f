/** Nuages as its guides show it. */
import { createProject } from 'nuages'
import { atomic } from 'nuages/db'
import settings from '../site/settings.ts'
import { type Open, type Works, written } from './contract.ts'

export const open: Open = async (database, url): Promise<Works<ReturnType<typeof written>>> => {
  const DATABASE_URL = database === 'sqlite' ? `sqlite:${url}` : url
  const project = await createProject(settings, { env: { ...process.env, DATABASE_URL } })
  const { Author, Book } = await import('../site/library/models.ts')
  return {
    written,
    get: (id) => Book.objects.get({ id }),
    hundred: () => Book.objects.orderBy('id').slice(0, 100).list(),
    joined: () => Book.objects.selectRelated('author').orderBy('id').slice(0, 100).list(),
    prefetched: () => Author.objects.prefetchRelated('books').orderBy('id').slice(0, 50).list(),
    insert: async (values) => (await Book.objects.create(values)).id,
    bulk: (values) => Book.objects.bulkCreate(values),
    update: (id, stock) => Book.objects.filter({ id }).update({ stock }),
    count: (status, pages__gte) => Book.objects.filter({ status, pages__gte }).count(),
    updates: (changes) =>
      atomic(() => Promise.all(changes.map(([id, stock]) => Book.objects.filter({ id }).update({ stock })))),
    close: () => project.close(),
  }
}

/** The same over the driver of SQLite that the other libraries have, whose SQLite is another build. */
export const openOverBetterSqlite3: Open = (database, url) => open(database, `${url}?driver=better-sqlite3`)
