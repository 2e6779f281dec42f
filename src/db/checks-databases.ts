/**
 * What a database of the project does not have of a model: told before a migration gets half-way.
 *
 * E022 arrays, ranges and search vectors are PostgreSQL's · E024 MariaDB and MySQL set no defaults on delete · W002 vectors
 * are text elsewhere · E025 keys of long text, which MariaDB and MySQL do not have
 */
import { type Finding, finding } from '../checks/index.ts'
import { shorterKey } from './backends/table-parts.ts'
import { databaseAliases, featuresOf, primaryOf } from './connections.ts'
import { charactersOf, isArrayKind, isRangeKind } from './kinds.ts'
import type { AnyModel, FieldMeta } from './models/meta.ts'
import { allowsMigrate } from './routers.ts'

/** Checks the columns of a model against the databases that it is migrated on. */
export function checkColumns(model: AnyModel): Finding[] {
  const { meta } = model
  if (meta.proxy || !meta.managed) return []
  return [...checkKinds(model), ...checkOnDelete(model), ...checkKeys(model)]
}

/** Those that the model is migrated on and that lack something: `the database "default"`; null where none does. */
function lacking(model: AnyModel, feature: 'arrays' | 'setsDefault'): string | null {
  return named(databasesOf(model).filter((alias) => !featuresOf(alias)[feature]))
}

/** Aliases of the databases that a model is migrated on. */
function databasesOf({ meta }: AnyModel): string[] {
  return databaseAliases().filter(
    (alias) => primaryOf(alias) === null && allowsMigrate(alias, meta.app, { model: meta.name }),
  )
}

function named(found: readonly string[]): string | null {
  if (found.length === 0) return null
  return `the database${found.length === 1 ? '' : 's'} ${found.map((alias) => `"${alias}"`).join(', ')}`
}

function checkOnDelete(model: AnyModel): Finding[] {
  const { meta } = model
  const fields = [...meta.fields.values()].filter(
    ({ relation, parts }) => relation?.onDelete === 'dbSetDefault' && parts.length > 0,
  )
  const where = fields.length === 0 ? null : lacking(model, 'setsDefault')
  if (where === null) return []
  return fields.map(({ name }) => {
    const object = `${meta.label}.${name}`
    return finding(
      'error',
      'db.E024',
      `${object} is set to its default on delete by the database, which ${where} cannot do.`,
      {
        object,
        hint: "Write onDelete: 'setDefault', which Nuages does itself, or 'dbSetNull'.",
      },
    )
  })
}

/** Of a key its columns together; of what points to a unique field that field: keys that are pointed to are told themselves. */
function checkKeys(model: AnyModel): Finding[] {
  const { meta } = model
  const tell = (object: string, what: string, columns: readonly FieldMeta[]): Finding[] => {
    const found = databasesOf(model).filter((alias) => {
      const { longestKey, vendor } = featuresOf(alias)
      return columns.reduce((sum, { type }) => sum + (type === null ? 0 : charactersOf(type, vendor)), 0) > longestKey
    })
    if (found.length === 0) return []
    const features = featuresOf(found[0]!)
    return [
      finding(
        'error',
        'db.E025',
        `${object} ${what} of more than ${features.longestKey} characters, which ${named(found)} cannot keep.`,
        { object, hint: shorterKey(features) },
      ),
    ]
  }
  const pointing = meta.columns.filter(
    ({ relation, primaryKey }) => !primaryKey && relation?.targets.every((target) => !target.primaryKey),
  )
  return [
    ...tell(
      meta.pk.length === 1 ? `${meta.label}.${meta.pk[0]!.name}` : meta.label,
      meta.pk.length === 1 ? 'is a key' : 'has a key',
      meta.pk,
    ),
    ...pointing.flatMap((field) => tell(`${meta.label}.${field.name}`, 'points to a text', [field])),
  ]
}

function checkKinds(model: AnyModel): Finding[] {
  const { meta } = model
  const where = lacking(model, 'arrays')
  if (where === null) return []
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
