/** The option `dbType`: a column of another type than its field's kind has. */
import { ModelError } from '../errors.ts'
import type { ColumnType } from '../kinds.ts'
import type { FieldOptions } from '../models/meta.ts'
import { picture } from '../query/errors.ts'

const DATABASES: readonly string[] = ['sqlite', 'postgres', 'mysql']

/**
 * Types stand in the text of statements as they are: they are the project's, never input. What is clearly none is told.
 * @throws ModelError db.bad-field
 */
export function declaredTypes({ dbType }: FieldOptions, place: string): ColumnType['declared'] | undefined {
  if (dbType === undefined) return undefined
  const types = typeof dbType === 'object' && dbType !== null ? Object.entries(dbType) : []
  const isType = (text: unknown) => typeof text === 'string' && text.trim() !== '' && !/[;\0]|--|\/\*/.test(text)
  if (types.length > 0 && types.every(([name, text]) => DATABASES.includes(name) && isType(text))) {
    return Object.freeze({ ...dbType })
  }
  throw new ModelError(`${place} has the dbType ${picture(dbType)}, which is no list of types by database.`, {
    code: 'db.bad-field',
    hint: "Write dbType: { postgres: 'inet' }; the names are sqlite, postgres and mysql.",
  })
}
