/** A project with a model of books, whose migrations commands make. */
import { char, integer } from 'nuages/db'
import { make, project, write } from './project.ts'

export const title = char({ maxLength: 200 })
export const book = (fields: object = {}) => ({ Book: { fields: { title, ...fields } } })
export const library = (fields: object = {}) => project({ library: book(fields), blog: {} })
export const pages = { pages: integer({ null: true }) }

/** A file of `library` that adds a column. */
export const branch = (name: string, after: string, field: string, app = 'library') =>
  write(
    `${name}.ts`,
    `import { addField, fields, migration } from 'nuages/db/migrations'
export default migration({ dependencies: [['${app}', '${after}']], operations: [addField('Book', '${field}', fields.text({ null: true }))] })
`,
    app,
  )

/** Two migrations: of the books, and of their pages. */
export async function two() {
  await make(library())
  await make(library(pages))
}
