/** What histories of tests begin with: authors, and books by them. */
import * as door from 'nuages/db/migrations'
import type { Migration } from '../../src/db/migrations/migration.ts'
import { history, migrate, run } from './history.ts'

const { createModel, fields: f } = door

export const cascade = { onDelete: 'cascade' } as const

export const author: door.Operation = createModel('Author', { id: f.autoId(), name: f.char({ maxLength: 100 }) })
export const book: door.Operation = createModel('Book', {
  id: f.autoId(),
  title: f.char({ maxLength: 200 }),
  author: f.foreignKey('library.Author', cascade),
})

/** Of all histories: both models. */
export const base: Migration[] = history(['0001_initial', [author, book]])

/** {@link base}, and a migration of these operations, `0002_change`. */
export const withChange = (operations: door.Operation[], more: Partial<Migration> = {}): Migration[] => [
  ...base,
  ...history(['0002_change', operations, { dependencies: [['library', '0001_initial']], ...more }]),
]

/** Migrates {@link base} and adds two authors, 1 and 2, and three books: 1, 2 and 7. */
export async function withRows(): Promise<void> {
  await migrate(base)
  await run("insert into library_author (name) values ('Django'), ('Stéphane')")
  await run(
    "insert into library_book (id, title, author_id) values (1, 'Nuages', 1), (2, 'Minor Swing', 1), (7, 'Tears', 2)",
  )
}
