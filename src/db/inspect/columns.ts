/** A column as the builder that declares it. */
import type { ColumnSpec } from '../backends/schema.ts'
import { type ColumnType, type DatabaseTypes, elementKind, isArrayKind, type Kind } from '../kinds.ts'
import { type Source, stringLiteral } from '../migrations/source.ts'

const BUILDERS: Readonly<Partial<Record<Kind, string>>> = {
  auto: 'autoId',
  char: 'char',
  text: 'text',
  integer: 'integer',
  smallInteger: 'smallInteger',
  bigInteger: 'bigInteger',
  float: 'float',
  decimal: 'decimal',
  boolean: 'boolean',
  date: 'date',
  time: 'time',
  duration: 'duration',
  dateTime: 'dateTime',
  json: 'json',
  uuid: 'uuid',
  binary: 'binary',
  integerRange: 'integerRange',
  bigIntegerRange: 'bigIntegerRange',
  decimalRange: 'decimalRange',
  dateRange: 'dateRange',
  dateTimeRange: 'dateTimeRange',
}

/** An option of a field, and the code of its value. */
export type Entry = readonly [key: string, value: Source]

/** What a column of a kind is declared with. */
export interface Declared {
  readonly builder: string
  /** Of an array: the builder of its elements. */
  readonly element?: Source
  readonly options: readonly Entry[]
  /** What a person should look at. */
  readonly notes: readonly string[]
}

const code = (text: string): Source => ({ text })

/** SQLite declares decimals without digits where Django made the table: floats keep fifteen, a third of them as cents. */
const LOOSE = { maxDigits: 15, decimalPlaces: 6 }

/** The builder of a type, and the options that the type needs. */
export function declaredType(type: ColumnType): Declared {
  const { kind, maxLength, maxDigits, decimalPlaces, declared } = type
  if (declared !== undefined) {
    const text = Object.values(declared)[0] || 'nothing'
    const dimensions = /^vector\((\d+)\)$/.exec(text)?.[1]
    if (dimensions !== undefined) return { builder: 'vector', options: [['dimensions', code(dimensions)]], notes: [] }
    return withDeclared(type, declared)
  }
  if (isArrayKind(kind)) {
    const { builder, options, notes } = declaredType({ ...type, kind: elementKind(kind) })
    return {
      builder: 'array',
      element: { call: builder, args: options.length > 0 ? [{ entries: options }] : [] },
      options: [],
      notes,
    }
  }
  if (kind === 'char' && maxLength === undefined) return { builder: 'text', options: [], notes: [] }
  if (kind === 'char') return { builder: 'char', options: [['maxLength', code(String(maxLength))]], notes: [] }
  if (kind === 'decimal') {
    const loose = maxDigits === undefined
    const digits = loose ? LOOSE : { maxDigits, decimalPlaces: decimalPlaces ?? 0 }
    return {
      builder: 'decimal',
      options: [
        ['maxDigits', code(String(digits.maxDigits))],
        ['decimalPlaces', code(String(digits.decimalPlaces))],
      ],
      notes: loose ? ['the database does not say how many digits: adjust these'] : [],
    }
  }
  return { builder: BUILDERS[kind] ?? 'text', options: [], notes: BUILDERS[kind] ? [] : [`of the kind ${kind}`] }
}

/** The builder of the kind, with the column's own type. */
function withDeclared({ declared: _, ...plain }: ColumnType, types: DatabaseTypes): Declared {
  const entries = Object.entries(types).map(([name, type]): Entry => [name, code(stringLiteral(type))])
  const [type = ''] = Object.values(types)
  if (type.trim() === '') return { ...declaredType(plain), notes: ['declared without a type'] }
  const of: ColumnType = plain.kind === 'text' && type.endsWith('[]') ? { kind: 'text[]' } : plain
  const { builder, element, options } = declaredType(of)
  const notes =
    type.startsWith('timestamp') && !type.endsWith('with time zone') ? [`declared as ${type}: read as UTC`] : []
  return { builder, ...(element && { element }), options: [...options, ['dbType', { entries }]], notes }
}

const TEMPORAL: Readonly<Partial<Record<Kind, string>>> = {
  date: 'PlainDate',
  time: 'PlainTime',
  duration: 'Duration',
}

/** The `dbDefault` of a column; a note where it has no such form. */
export function declaredDefault(column: ColumnSpec): { readonly entry?: Entry; readonly note?: string } {
  const { default: given, type } = column
  if (given === undefined) return {}
  if ('sql' in given) return { note: `default in the database: ${given.sql}` }
  if ('function' in given) {
    const fits = ['date', 'time', 'dateTime'].includes(type.kind)
    return fits ? { entry: ['dbDefault', code("'now'")] } : { note: 'default in the database: now' }
  }
  const { value } = given
  const { kind } = type
  if (kind === 'json') return { note: `default in the database: ${JSON.stringify(value)}` }
  const literal = literalOf(value, kind)
  return literal === null
    ? { note: `default in the database: ${String(value)}` }
    : { entry: ['dbDefault', code(literal)] }
}

function literalOf(value: unknown, kind: Kind): string | null {
  if (kind === 'boolean')
    return typeof value === 'boolean' ? String(value) : value === 1 || value === 0 ? String(value === 1) : null
  if (kind === 'bigInteger')
    return typeof value === 'bigint' ? `${value}n` : typeof value === 'number' ? `${value}n` : null
  if (kind === 'integer' || kind === 'smallInteger' || kind === 'float') {
    return Number.isFinite(Number(value)) && typeof value !== 'boolean' ? String(Number(value)) : null
  }
  if (kind === 'decimal') return stringLiteral(String(value))
  if (kind === 'dateTime') return value instanceof Date ? `new Date(${stringLiteral(value.toISOString())})` : null
  const temporal = TEMPORAL[kind]
  if (temporal !== undefined) return `Temporal.${temporal}.from(${stringLiteral(String(value))})`
  return typeof value === 'string' && kind !== 'binary' ? stringLiteral(value) : null
}
