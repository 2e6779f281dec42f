/**
 * Keys that a database fills and does not count (a UUID, a part of a key with `dbDefault`), drawn before many rows are
 * inserted: which of the rows that come back has which key, nobody could tell afterwards.
 */
import type { Database } from '../connections.ts'
import { Expression } from '../expressions/expression.ts'
import { expressionOf } from '../expressions/sql-expression.ts'
import { CastExpression } from '../functions/comparison.ts'
import type { Kind } from '../kinds.ts'
import type { AnyInstance } from '../models/instance.ts'
import type { FieldMeta, ModelMeta } from '../models/meta.ts'
import { inlineExpression } from './inline.ts'
import { keyOfModel } from './insert-layout.ts'
import { planFor, planRows } from './plan.ts'
import { RawFragment } from './raw.ts'
import { codecOf } from './record.ts'

/** Values of one statement: MariaDB and MySQL end a recursion after 1,000. */
const DRAWN = 500

/** Whether keys of a model are drawn: part of them is filled by the database, and it is not a number that it counts. */
export function drawsKeys(meta: ModelMeta): boolean {
  return meta.pk.some(isDrawn)
}

function isDrawn({ generated, kind, computed }: FieldMeta): boolean {
  return generated && kind !== 'auto' && computed === null
}

/**
 * Gives instances without a key the one that their columns' defaults say. One alone needs none: its row is its own, which
 * the statement gives back where it can.
 */
export async function drawKeys(instances: readonly AnyInstance[], meta: ModelMeta, db: Database): Promise<void> {
  const least = db.features.returning ? 2 : 1
  if (instances.length < least) return
  for (const field of meta.pk) {
    if (!isDrawn(field)) continue
    const without = instances.filter((each) => (each[field.attname] ?? null) === null)
    if (without.length < least) continue
    const sql = defaultText(field, meta, db)
    if (sql === null) for (const each of without) each[field.attname] = field.options.dbDefault
    else await draw(without, field, sql, db)
  }
}

/** The default as text; null where it is a constant. */
function defaultText(field: FieldMeta, meta: ModelMeta, { backend }: Database): string | null {
  const value = field.options.dbDefault
  if (value === 'now' && TIMES.has(field.kind!))
    return backend.compiler.inline({ t: 'function', name: 'now', args: [], kind: field.kind! }, [])
  if (!(value instanceof Expression || value instanceof RawFragment)) return null
  // An insert makes it the column's own type; so does this.
  const typed = new CastExpression(expressionOf(value), field.type!, false)
  return inlineExpression(backend, meta, typed, { name: field.name })
}
const TIMES: ReadonlySet<Kind> = new Set(['date', 'time', 'dateTime'])

async function draw(instances: readonly AnyInstance[], field: FieldMeta, sql: string, db: Database): Promise<void> {
  const { meta } = field.model
  const plan = planFor(db, `${keyOfModel(meta)}?${field.attname}`, (context) => {
    context.label = `${meta.label}.${field.name}`
    const numbers = 'WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < '
    const parts = [numbers, `) SELECT ${sql} FROM numbers`]
    return { statement: { t: 'rawStatement', parts, nodes: [context.param('integer')] } }
  })
  const decode = codecOf(meta, db).decoders[meta.columns.indexOf(field)] ?? null
  for (let at = 0; at < instances.length; at += DRAWN) {
    const some = instances.slice(at, at + DRAWN)
    const rows = await planRows(db, plan, [some.length])
    for (const [i, each] of some.entries()) {
      const raw = rows[i]![0]
      each[field.attname] = decode === null ? raw : decode(raw)
    }
  }
}
