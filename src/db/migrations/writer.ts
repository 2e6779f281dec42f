/** Writes migration files: readable, the same for the same changes, and reading back as the same operations. */
import type { ModelConstraint, ModelIndex } from '../models/meta.ts'
import { SerializeError } from './errors.ts'
import { fields as fieldBuilders } from './fields.ts'
import { type Dependency, isUserModel } from './migration.ts'
import type { Operation } from './operations/operation.ts'
import { type Call, print, type Source, stringLiteral } from './source.ts'
import type { FieldState } from './state.ts'
import { type FieldReference, type Call as FunctionCall, markerName, type QMarker } from './values.ts'

/** Where migration files import from. */
const DOOR = 'nuages/db/migrations'

/** A migration as it is written into a file. */
export interface Writable {
  readonly dependencies?: readonly Dependency[]
  readonly runBefore?: readonly (readonly [app: string, name: string])[]
  readonly replaces?: readonly (readonly [app: string, name: string])[]
  readonly atomic?: boolean
  /** Modules whose default exports operations are taken from, by the name they get. */
  readonly imports?: Readonly<Record<string, string>>
  readonly operations: readonly (Operation | Elsewhere)[]
  /** Comment lines at the top. */
  readonly header?: readonly string[]
}

/** Whether an operation can be written: code cannot. */
export function isWritable(operation: Operation): boolean {
  try {
    operationSource(operation)
    return true
  } catch (error) {
    if (error instanceof SerializeError) return false
    throw error
  }
}

/** An operation that cannot be written, such as code: taken from the file that has it. */
export class Elsewhere {
  readonly text: string
  constructor(module: string, index: number) {
    this.text = `...${module}.operations.slice(${index}, ${index + 1})`
  }
}

/**
 * The text of a migration file.
 * @throws SerializeError migrations.cannot-write for functions and instances of classes among the values
 */
export function writeMigration(migration: Writable): string {
  const dependencies = (migration.dependencies ?? []).map((dependency) =>
    isUserModel(dependency) ? { text: 'userModel' } : list(dependency.map(text)),
  )
  const operations = migration.operations.map((operation) =>
    operation instanceof Elsewhere ? { text: operation.text } : operationSource(operation),
  )
  const names = (list: readonly (readonly string[])[] = []) => list.map((each) => ({ items: each.map(text) }))
  const body: Call = {
    call: 'migration',
    args: [
      {
        open: true,
        entries: [
          ...(dependencies.length > 0 ? [['dependencies', list(dependencies)] as const] : []),
          ...(migration.replaces?.length ? [['replaces', list(names(migration.replaces))] as const] : []),
          ...(migration.runBefore?.length ? [['runBefore', list(names(migration.runBefore))] as const] : []),
          ...(migration.atomic === undefined ? [] : [['atomic', { text: String(migration.atomic) }] as const]),
          ['operations', { items: operations, open: operations.length > 0 }],
        ],
      },
    ],
  }
  const imported = [...importedNames(body)].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
  const flat = `import { ${imported.join(', ')} } from '${DOOR}'`
  const imports =
    flat.length <= 120 ? flat : `import {\n${imported.map((name) => `  ${name},\n`).join('')}} from '${DOOR}'`
  const header = (migration.header ?? []).map((line) => `// ${line}\n`).join('')
  const others = Object.entries(migration.imports ?? {}).map(([name, path]) => `\nimport ${name} from '${path}'`)
  return `${header}${imports}${others.join('')}\n\nexport default ${print(body)}\n`
}

/** One operation as code, for messages and `--dry-run`; with what somebody {@link reviewed}. */
export function operationSource(operation: Operation): Call {
  const source = callSource(operation)
  return operation.reviewed === undefined ? source : { call: 'reviewed', args: [source, text(operation.reviewed)] }
}

function callSource(operation: Operation): Call {
  const args = operation.args.map((arg, i) => {
    if (operation.type === 'createModel' && i === 1)
      return fieldMap(arg as Record<string, FieldState>, operation.args[0] as string)
    if (operation.type === 'createModel' && i === 2) return modelOptions(arg as Record<string, unknown>)
    if (operation.type === 'addIndex' && i === 1) return indexSource(arg as ModelIndex)
    if (operation.type === 'addTrigger' && i === 1) {
      return { call: 'trigger', args: [valueSource(arg, operation.describe())] }
    }
    if (operation.type === 'addConstraint' && i === 1) return constraintSource(arg as ModelConstraint)
    if (operation.type === 'separateDatabaseAndState') {
      const parts = Object.entries(arg as Record<string, readonly Operation[]>)
      return {
        open: true,
        entries: parts.map(([key, operations]) => [key, list(operations.map(operationSource))] as const),
      }
    }
    return valueSource(arg, operation.describe())
  })
  return { call: operation.type, args }
}

function fieldMap(fields: Record<string, FieldState>, model: string): Source {
  const entries = Object.entries(fields)
  return {
    open: true,
    entries: entries.map(([name, field]) => [name, fieldSource(field, `field ${name} of ${model}`)]),
  }
}

function modelOptions(options: Record<string, unknown>): Source {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  return {
    entries: entries.map(([key, value]) => {
      if (key === 'indexes') return [key, list((value as ModelIndex[]).map(indexSource))]
      if (key === 'triggers') {
        const triggers = value as readonly object[] // by the state's type
        return [key, list(triggers.map((each): Call => ({ call: 'trigger', args: [valueSource(each, key)] })))]
      }
      if (key === 'constraints') return [key, list((value as ModelConstraint[]).map(constraintSource))]
      return [key, valueSource(value, key)]
    }),
  }
}

function fieldSource(field: FieldState, where: string): Call {
  const args = field.args.map((arg) => valueSource(arg, where))
  return field.builder in fieldBuilders && field.builder !== 'of'
    ? { call: `fields.${field.builder}`, args }
    : { call: 'fields.of', args: [text(field.builder), ...args] }
}

function indexSource({ fields, expressions, ...options }: ModelIndex): Call {
  return {
    call: 'index',
    args: [
      list((expressions ?? fields).map((part) => valueSource(part, options.name))),
      valueSource(options, options.name),
    ],
  }
}

function constraintSource(constraint: ModelConstraint): Call {
  if (constraint.type === 'check') {
    const { condition, name } = constraint
    return { call: 'check', args: [valueSource(condition, name), valueSource({ name }, name)] }
  }
  if (constraint.type === 'custom') {
    return { call: 'constraint', args: [text(constraint.name), valueSource(constraint.sql, constraint.name)] }
  }
  const { fields, expressions, type: _, ...options } = constraint
  const parts = (expressions ?? fields).map((part) => valueSource(part, options.name))
  return { call: 'unique', args: [list(parts), valueSource(options, options.name)] }
}

function text(value: string): Source {
  return { text: stringLiteral(value) }
}

function list(items: readonly Source[]): Source {
  return { items }
}

/** A plain value as code. @param where   for the error: what holds the value */
export function valueSource(value: unknown, where: string): Source {
  switch (typeof value) {
    case 'string':
      return text(value)
    case 'number':
      if (Number.isNaN(value)) return { text: 'Number.NaN' }
      return { text: Number.isFinite(value) ? (Object.is(value, -0) ? '-0' : String(value)) : infinite(value) }
    case 'boolean':
    case 'undefined':
      return { text: String(value) }
    case 'bigint':
      return { text: `${value}n` }
    case 'object':
      return value === null ? { text: 'null' } : objectSource(value, where)
    default:
      throw cannotWrite(value, where)
  }
}

function infinite(value: number): string {
  return value > 0 ? 'Number.POSITIVE_INFINITY' : 'Number.NEGATIVE_INFINITY'
}

function objectSource(value: object, where: string): Source {
  const name = markerName(value)
  if (name === 'F') return { call: 'F', args: [text((value as FieldReference).path)] } // its only shape
  if (name === 'fn') {
    const { name: called, args } = value as FunctionCall // its only shape, and so below
    return { call: 'fn', args: [text(called), ...args.map((arg) => valueSource(arg, where))] }
  }
  if (name === 'Q') {
    const { connector, parts } = value as QMarker
    return { call: `Q.${connector}`, args: parts.map((part) => valueSource(part, where)) }
  }
  if (name !== null) return { text: name }
  if (Array.isArray(value)) return list(value.map((item) => valueSource(item, where)))
  if (value instanceof Date) return { text: `new Date(${stringLiteral(value.toISOString())})` }
  if (value instanceof Uint8Array) return { text: `Uint8Array.of(${[...value].join(', ')})` }
  if (isFieldState(value)) return fieldSource(value, where)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw cannotWrite(value, where)
  return {
    entries: Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, valueSource(item, where)]),
  }
}

/** Whether an object is a field as builders of migration files give it. */
function isFieldState(value: object): value is FieldState {
  const { builder, args, ...rest } = value as Partial<FieldState>
  return typeof builder === 'string' && Array.isArray(args) && Object.keys(rest).length === 0
}

function cannotWrite(value: unknown, where: string): SerializeError {
  const what =
    typeof value === 'function'
      ? `the function ${value.name || '() => …'}`
      : typeof value === 'symbol'
        ? 'a symbol'
        : `an instance of ${(value as object).constructor?.name ?? 'a class'}`
  return new SerializeError(`A migration file cannot hold ${what} (${where}).`, {
    code: 'migrations.cannot-write',
    hint: 'Use strings, numbers, booleans, null, bigint, Date, lists and plain objects.',
  })
}

/** Names a file must import: those called, and markers. */
function importedNames(source: Source, names = new Set<string>()): Set<string> {
  if ('call' in source) {
    names.add(source.call.split('.')[0]!)
    for (const arg of source.args) importedNames(arg, names)
  } else if ('entries' in source) for (const [, value] of source.entries) importedNames(value, names)
  else if ('items' in source) for (const item of source.items) importedNames(item, names)
  else if (source.text === 'now' || source.text === 'userModel') names.add(source.text)
  return names
}
