/** Constraints and indexes of a table, as a model's options declare them. */
import type { IndexPart, IndexSpec, TableSpec } from '../backends/schema.ts'
import type { Kind } from '../kinds.ts'
import { type Source, stringLiteral } from '../migrations/source.ts'
import { indexName, schemaName } from '../models/names.ts'
import type { Vendor } from '../sql/nodes.ts'
import type { Entry } from './columns.ts'
import { type ConditionField, readCheck } from './condition.ts'
import { describe, isPlain, kindOf } from './index-options.ts'
import type { FieldDraft } from './models.ts'
import { rawSql } from './raw.ts'

/** A table whose columns have fields. */
export interface DeclaredTable {
  readonly table: TableSpec
  /** By column. */
  readonly fields: ReadonlyMap<string, Pick<FieldDraft, 'name' | 'isRelation'>>
  /** Whose SQL it speaks. */
  readonly vendor: Vendor
  /** Takes what has no form, for a person to look at. */
  readonly notes: string[]
}

const text = (value: string): Source => ({ text: stringLiteral(value) })
const list = (items: readonly Source[]): Source => ({ items })
const object = (entries: readonly Entry[]): Source => ({ entries })

/** Kinds whose values compare with numbers, and with texts, in a check. */
const NUMBERS: ReadonlySet<Kind> = new Set(['auto', 'integer', 'smallInteger', 'float', 'bigInteger', 'decimal'])
const TEXTS: ReadonlySet<Kind> = new Set(['char', 'text'])

/** What `constraints` of the model hold. */
export function constraintsOf(declared: DeclaredTable): Source[] {
  const { fields, notes, vendor } = declared
  const { name: table, uniques, checks, indexes, constraints = [] } = declared.table
  const unique = (columns: readonly string[], name: string, where: readonly Entry[] = []): Source => {
    const named: Entry[] = [
      ...(name === schemaName(table, columns, '_uniq') ? [] : [['name', text(name)] as const]),
      ...where,
    ]
    return {
      call: 'unique',
      args: [list(columns.map((each) => text(fields.get(each)!.name))), ...(named.length > 0 ? [object(named)] : [])],
    }
  }
  const found = uniques.flatMap(({ name, columns }) =>
    columns.every((each) => fields.has(each)) ? [unique(columns, name)] : [],
  )
  // What Django calls unique_together is an index in SQLite.
  for (const index of indexes) {
    if (!index.unique) continue
    const columns = index.columns.flatMap((part) => (part.desc ? [] : (part.name ?? [])))
    const where = whereOf(declared, index)
    const plain = isPlain(index) && columns.length === index.columns.length
    if (plain && columns.every((each) => fields.has(each))) found.push(unique(columns, index.name, where))
    else notes.push(`unique index ${index.name}${describe(index)}`)
  }
  for (const { name, sql } of checks) {
    const condition = readCheck(sql, (column) => conditionField(declared, column))
    found.push({ call: 'check', args: [condition ?? rawSql(sql), object([['name', text(name)]])] })
  }
  for (const { name, sql } of constraints)
    found.push({ call: 'constraint', args: [text(name), object([[vendor, rawSql(sql)]])] })
  return found
}

/** The option `where` of an index. */
function whereOf(declared: DeclaredTable, { where }: IndexSpec): readonly Entry[] {
  if (where === undefined) return []
  return [['where', readCheck(where, (column) => conditionField(declared, column)) ?? rawSql(where)]]
}

function conditionField({ table, fields }: DeclaredTable, column: string): ConditionField | null {
  const field = fields.get(column)
  const spec = table.columns.find((each) => each.name === column)
  if (field === undefined || spec === undefined) return null
  const { kind } = spec.type
  const values = field.isRelation ? null : NUMBERS.has(kind) ? 'numbers' : TEXTS.has(kind) ? 'texts' : null
  return { name: field.name, values }
}

/** What `indexes` of the model hold. @param said   those that fields say themselves */
export function indexesOf(declared: DeclaredTable, said: ReadonlySet<IndexSpec>): Source[] {
  const { fields, notes } = declared
  const { name: table, indexes } = declared.table
  const found: Source[] = []
  for (const index of indexes) {
    if (index.unique) continue
    // An expression is said as it stands; its direction has no form.
    const isSaid = ({ name, sql, desc }: IndexPart): boolean => (sql === undefined ? fields.has(name ?? '') : !desc)
    if (said.has(index)) continue
    // Django's own companion of an index on text, for LIKE in PostgreSQL.
    if (index.columns.length === 1 && /_like$/.test(index.name) && index.columns[0]!.opclass?.endsWith('_pattern_ops'))
      continue
    const where = whereOf(declared, index)
    const kind = kindOf(index, (column) => fields.get(column)?.name)
    if (kind === null || !index.columns.every(isSaid)) {
      notes.push(`index ${index.name}${describe(index)}`)
      continue
    }
    const columns = index.columns.map((part) => `${part.desc ? '-' : ''}${part.name ?? part.sql}`)
    const parts = index.columns.map(
      (part) =>
        part.sql === undefined ? text(`${part.desc ? '-' : ''}${fields.get(part.name!)!.name}`) : rawSql(part.sql), // one of both
    )
    const named: Entry[] = [
      ...(index.name === indexName(table, columns) ? [] : [['name', text(index.name)] as const]),
      ...kind,
      ...where,
    ]
    found.push({ call: 'index', args: [list(parts), ...(named.length > 0 ? [object(named)] : [])] })
  }
  return found
}
