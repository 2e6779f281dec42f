/**
 * Fields that a database of the project has no columns for: told before a migration gets half-way.
 *
 * E022 arrays, ranges and search vectors are PostgreSQL's · W002 vectors are text elsewhere
 */
import { type Finding, finding } from '../checks/index.ts'
import { databaseAliases, featuresOf, primaryOf } from './connections.ts'
import { isArrayKind, isRangeKind } from './kinds.ts'
import type { AnyModel, FieldMeta } from './models/meta.ts'
import { allowsMigrate } from './routers.ts'

/** Checks the columns of a model against the databases that it is migrated on. */
export function checkColumns({ meta }: AnyModel): Finding[] {
  if (meta.proxy || !meta.managed) return []
  const others = databaseAliases().filter(
    (alias) =>
      primaryOf(alias) === null && !featuresOf(alias).arrays && allowsMigrate(alias, meta.app, { model: meta.name }),
  )
  if (others.length === 0) return []
  const where = `the database${others.length === 1 ? '' : 's'} ${others.map((alias) => `"${alias}"`).join(', ')}`
  return meta.columns.flatMap((field) => {
    const object = `${meta.label}.${field.name}`
    const what = foreign(field)
    if (what === 'vector')
      return [
        finding('warning', 'db.W002', `${object} is a vector, which ${where} keeps as text, without distances.`, {
          object,
          hint: 'Use PostgreSQL with the extension pgvector, or PGlite; or keep the model to such a database with a router.',
        }),
      ]
    if (what === null) return []
    return [
      finding('error', 'db.E022', `${object} is ${what}, which ${where} has no columns for.`, {
        object,
        hint: `Use PostgreSQL or PGlite, or keep the model to such a database with a router. ${ELSEWHERE[what]}`,
      }),
    ]
  })
}

/** What does the same on every database. */
const ELSEWHERE = {
  'an array': 'Elsewhere json() holds lists.',
  'a range': 'Elsewhere two fields hold its ends.',
  'a search vector': "Elsewhere index([…], { method: 'fulltext' }) is searched.",
} as const

/** What only PostgreSQL has a column for. */
function foreign({ kind, type }: FieldMeta): keyof typeof ELSEWHERE | 'vector' | null {
  if (isArrayKind(kind)) return 'an array'
  if (isRangeKind(kind)) return 'a range'
  const declared = type?.declared?.postgres
  if (declared === 'tsvector') return 'a search vector'
  return declared?.startsWith('vector(') ? 'vector' : null
}
