/** Whether what a file holds is a case, before it is run: a misspelt key would say nothing and pass. */

type Given = Readonly<Record<string, unknown>>
type Check = (value: unknown, at: string) => string | null

const WHOLE = [
  'null',
  'blank',
  'default',
  'dbDefault',
  'unique',
  'index',
  'primaryKey',
  'dbColumn',
  'comment',
  'collation',
]
const COMMON = [...WHOLE, 'verboseName', 'helpText', 'renamedFrom', 'editable', 'choices', 'validators', 'dbType']
const RELATION = ['to', 'onDelete', 'toField', 'constraint']
/** Kinds of fields with the options of their own. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  autoId: [],
  char: ['maxLength'],
  text: ['maxLength'],
  slug: ['maxLength'],
  email: ['maxLength'],
  url: ['maxLength'],
  ipAddress: ['maxLength'],
  uuid: ['maxLength', 'auto'],
  binary: ['maxLength'],
  integer: ['min', 'max'],
  smallInteger: ['min', 'max'],
  bigInteger: ['min', 'max'],
  float: ['min', 'max'],
  boolean: [],
  json: [],
  duration: [],
  decimal: ['maxDigits', 'decimalPlaces', 'min', 'max'],
  date: ['autoNow', 'autoNowAdd'],
  time: ['autoNow', 'autoNowAdd'],
  dateTime: ['autoNow', 'autoNowAdd'],
  instant: ['autoNow', 'autoNowAdd'],
  choice: ['choices'],
  foreignKey: RELATION,
  oneToOne: RELATION,
  manyToMany: ['to', 'through'],
  generated: ['expression', 'output', 'stored'],
  array: ['of', 'size'],
}
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  char: ['maxLength'],
  decimal: ['maxDigits', 'decimalPlaces'],
  choice: ['choices'],
  foreignKey: ['to', 'onDelete'],
  oneToOne: ['to', 'onDelete'],
  manyToMany: ['to'],
  generated: ['expression', 'output'],
  array: ['of'],
}
const TRIGGERS: Readonly<Record<string, readonly string[]>> = {
  keepNow: ['field'],
  readOnly: ['fields'],
  refuseDelete: [],
  copyTo: ['to', 'fields'],
}

const isObject = (value: unknown): value is Given =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const show = (value: unknown): string => JSON.stringify(value) ?? 'nothing'

/** An object whose keys are these, those in `needed` among them. */
function object(keys: Readonly<Record<string, Check>>, needed: readonly string[] = []): Check {
  return (value, at) => {
    if (!isObject(value)) return `${at} is ${show(value)}, not an object`
    for (const key of Object.keys(value))
      if (!Object.hasOwn(keys, key))
        return `${at} has "${key}", which means nothing there: ${Object.keys(keys).join(', ')}`
    for (const key of needed) if (value[key] === undefined) return `${at} has no "${key}"`
    return first(Object.entries(value), ([key, part]) => keys[key]!(part, `${at}.${key}`))
  }
}
function list(of: Check): Check {
  return (value, at) =>
    Array.isArray(value)
      ? first([...value.entries()], ([i, part]) => of(part, `${at}[${i}]`))
      : `${at} is ${show(value)}, not a list`
}
function byName(of: Check): Check {
  return (value, at) =>
    isObject(value)
      ? first(Object.entries(value), ([name, part]) => of(part, `${at}["${name}"]`))
      : `${at} is ${show(value)}, not an object`
}
function either(...values: readonly unknown[]): Check {
  return (value, at) =>
    values.includes(value) ? null : `${at} is ${show(value)}: ${values.map(show).join(', ')} can be`
}
function typed(type: 'string' | 'boolean', article = 'a'): Check {
  return (value, at) => (typeof value === type ? null : `${at} is ${show(value)}, not ${article} ${type}`)
}
function first<T>(all: readonly T[], look: (one: T) => string | null): string | null {
  for (const one of all) {
    const wrong = look(one)
    if (wrong !== null) return wrong
  }
  return null
}
const orNull =
  (of: Check): Check =>
  (value, at) =>
    value === null ? null : of(value, at)
const anything: Check = () => null
const options = (names: readonly string[]): Record<string, Check> =>
  Object.fromEntries(names.map((name) => [name, anything]))
const text = typed('string')
const yesNo = typed('boolean')
const texts = list(text)

/** One that says its kind, each with keys of its own. */
function ofKind(kinds: Readonly<Record<string, readonly string[]>>, more: readonly string[], needed = kinds): Check {
  return (value, at) => {
    if (!isObject(value)) return `${at} is ${show(value)}, not an object`
    const { kind } = value
    if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind))
      return `${at}.kind is ${show(kind)}: ${Object.keys(kinds).join(', ')} can be`
    return object(options(['kind', ...kinds[kind]!, ...more]), needed[kind] ?? [])(value, at)
  }
}
const field: Check = (value, at) => {
  const wrong = ofKind(KINDS, COMMON, NEEDED)(value, at)
  if (wrong !== null || !isObject(value)) return wrong
  if (value.kind === 'generated') return field(value.output, `${at}.output`)
  return value.kind === 'array' ? field(value.of, `${at}.of`) : null
}
const model: Check = object(
  {
    fields: byName(field),
    indexes: list(object({ name: text, fields: list(anything), where: anything }, ['name', 'fields'])),
    constraints: list(
      ofKind({ unique: ['name', 'fields', 'where'], check: ['name', 'check'] }, [], {
        unique: ['name', 'fields'],
        check: ['name', 'check'],
      }),
    ),
    triggers: list(ofKind(TRIGGERS, ['name'], TRIGGERS)),
    dbTable: text,
    verboseName: text,
    verboseNamePlural: text,
    comment: text,
    ordering: texts,
    primaryKey: texts,
    managed: yesNo,
    renamedFrom: text,
  },
  ['fields'],
)
const state: Check = (value, at) => {
  const wrong = byName(model)(value, at)
  if (wrong !== null || !isObject(value)) return wrong
  const name = Object.keys(value).find((label) => !/^\w+\.\w+$/.test(label))
  return name === undefined ? null : `${at} has a model "${name}": models are named app.Model`
}
const operations: Check = (value, at) =>
  Array.isArray(value) ? list(list(anything))(value, at) : byName(list(list(anything)))(value, at)
const change = {
  after: state,
  answers: object({ renames: byName(text), noRenames: yesNo, drop: texts, defaults: byName(anything) }),
  operations,
}
const rows = byName(list(byName(anything)))
const type: Check = (value, at) =>
  typeof value === 'string' ? null : object({ sqlite: text, postgres: text, mysql: text })(value, at)
const tables = byName(
  orNull(
    object({
      columns: byName(
        object({
          type,
          null: yesNo,
          default: anything,
          unique: yesNo,
          references: orNull(text),
          onDelete: either('cascade', 'setNull', 'setDefault', null),
          generated: yesNo,
          comment: orNull(text),
        }),
      ),
      primaryKey: texts,
      indexes: list(object({ name: text, columns: texts, unique: yesNo, where: yesNo })),
      uniques: list(object({ name: text, columns: texts })),
      checks: texts,
      triggers: texts,
      comment: orNull(text),
    }),
  ),
)
const whole = object(
  {
    id: text,
    title: text,
    notes: anything,
    databases: list(either('sqlite', 'postgres', 'mysql')),
    before: state,
    rows,
    ...change,
    then: list(object(change, ['after'])),
    branches: list(object(change, ['after'])),
    expect: object({
      tables,
      rows,
      error: object({ at: either('detect', 'merge', 'migrate', 'back'), code: text }, ['at', 'code']),
    }),
    back: object({ tables, rows }),
  },
  ['id', 'after'],
)

/** What of a case is not as `docs/internals/conformance.md` says, and where; null where all is. */
export function malformed(given: unknown): string | null {
  const wrong = whole(given, 'case')
  if (wrong !== null || !isObject(given)) return wrong
  const { branches } = given
  return branches === undefined || (branches as readonly unknown[]).length === 2
    ? null
    : 'case.branches is not a list of two' // a list, looked at before
}
