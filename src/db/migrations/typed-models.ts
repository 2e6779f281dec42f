/**
 * The models of a state as TypeScript, for the code of a migration of data: `models.get('library.Book')` then knows the
 * fields that a book has at that point. The classes are those a person would write, in a file that only the compiler reads,
 * so that the types are the live models' own.
 */
import { print, type Source } from './source.ts'
import { type FieldState, fieldOptions, isRelation, labelOf, type ModelState, type ProjectState } from './state.ts'
import { valueSource } from './writer.ts'

/** Builders that are not in `nuages/db`. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  array: 'nuages/db/postgres',
  vector: 'nuages/db/postgres',
  integerRange: 'nuages/db/postgres',
  bigIntegerRange: 'nuages/db/postgres',
  decimalRange: 'nuages/db/postgres',
  dateRange: 'nuages/db/postgres',
  dateTimeRange: 'nuages/db/postgres',
}

/** Builders that the types of models have. Those of a project's own give what JSON does. */
const KNOWN = new Set([
  ...Object.keys(ELSEWHERE),
  ...['autoId', 'char', 'text', 'slug', 'email', 'url', 'ipAddress', 'integer', 'smallInteger', 'bigInteger', 'float'],
  ...['decimal', 'boolean', 'date', 'time', 'dateTime', 'duration', 'json', 'uuid', 'binary', 'choice'],
])

/** Options that a field's type depends on, and those that its builder asks for. */
const OPTIONS = new Set(['null', 'default', 'dbDefault', 'primaryKey', 'autoNow', 'autoNowAdd', 'maxLength'])
const ASKED = new Set(['maxDigits', 'decimalPlaces', 'dimensions'])

/** The text of `0004_publish.models.ts`. @param app   its models, and those that relations lead to */
export function typedModels(state: ProjectState, app: string, migration: string): string {
  const models = reachable(state, app)
  const names = classNames(models)
  const used = new Map<string, Set<string>>()
  const use = (name: string) => {
    const module = ELSEWHERE[name] ?? 'nuages/db'
    used.set(module, (used.get(module) ?? new Set()).add(name))
    return name
  }
  if (models.length > 0) use('Model')
  const classes = models.map((model) => {
    const name = names.get(labelOf(model))!
    const entries = Object.entries(model.fields).map(
      ([field, each]) => [field, fieldSource(state, each, names, use)] as const,
    )
    const { primaryKey } = model.options
    const options = primaryKey === undefined ? '' : `, ${print(valueSource({ primaryKey }, name))}`
    return `class ${name} extends Model<${name}>()(${print({ entries, open: true })}${options}) {}\n`
  })
  const imports = [...used].map(([module, list]) => importLine([...list], module))
  const entries = models.map((model) => `  '${labelOf(model)}': typeof ${names.get(labelOf(model))}\n`)
  return [
    `// The models as ${migration} meets them: makemigrations wrote this for the compiler, which alone reads it.\n`,
    ...imports,
    ...(imports.length > 0 ? ['\n'] : []),
    classes.join('\n'),
    `\nexport interface Models {\n${entries.join('')}}\n`,
  ].join('')
}

/** Models of an app and what their relations lead to, by label. */
function reachable(state: ProjectState, app: string): ModelState[] {
  const found = new Set([...state.models.keys()].filter((label) => label.startsWith(`${app}.`)))
  for (const label of found) {
    for (const field of Object.values(state.get(label).fields)) {
      for (const target of state.relatedLabels(field)) if (state.find(target) !== null) found.add(target)
    }
  }
  return [...found].sort().map((label) => state.get(label))
}

/** Of two models of one name each gets its app in front. */
function classNames(models: readonly ModelState[]): Map<string, string> {
  const isTaken = (model: ModelState) => models.some((other) => other !== model && other.name === model.name)
  const own = (model: ModelState) =>
    isTaken(model) || model.name === 'Model'
      ? model.app.charAt(0).toUpperCase() + model.app.slice(1) + model.name
      : model.name
  return new Map(models.map((model) => [labelOf(model), own(model)]))
}

function fieldSource(
  state: ProjectState,
  field: FieldState,
  names: ReadonlyMap<string, string>,
  use: (name: string) => string,
): Source {
  if (isRelation(field)) return relationSource(state, field, names, use)
  const options = fieldOptions(field)
  if (field.builder === 'generated') {
    const output = fieldSource(state, options.output as FieldState, names, use) // by the builder's type
    return {
      call: use('generated'),
      args: [{ call: use('Value'), args: [{ text: 'null' }] }, { entries: [['output', output]] }],
    }
  }
  const typed = Object.entries(options).filter(([name, value]) => {
    // A default of the database may be an expression, which is none of the live models'.
    if (name === 'dbDefault') return typeof value !== 'object' || value === null
    return OPTIONS.has(name) || ASKED.has(name)
  })
  const last = typed.length > 0 ? [valueSource(Object.fromEntries(typed), field.builder)] : []
  if (!KNOWN.has(field.builder)) return { call: use('json'), args: options.null === true ? last : [] }
  if (field.builder === 'choice') return { call: use('choice'), args: [valueSource(field.args[0], 'choice'), ...last] }
  if (field.builder === 'array') {
    return { call: use('array'), args: [fieldSource(state, field.args[0] as FieldState, names, use), ...last] } // by its type
  }
  return { call: use(field.builder), args: last }
}

function relationSource(
  state: ProjectState,
  field: FieldState,
  names: ReadonlyMap<string, string>,
  use: (name: string) => string,
): Source {
  const { through, toField, unique, ...rest } = fieldOptions(field)
  const target = names.get(state.resolve(field.args[0]))
  if (target === undefined) return { call: use('json'), args: [] }
  const options: string[] = []
  if (field.builder === 'manyToMany') {
    if (through !== undefined) options.push(`through: ${names.get(state.resolve(through))}`)
  } else {
    options.push("onDelete: 'cascade'")
    if (rest.null === true) options.push('null: true')
    if (rest.primaryKey === true) options.push('primaryKey: true')
    if (unique === true) options.push('unique: true')
    if (typeof toField === 'string') options.push(`toField: '${toField}'`)
    if ('default' in rest) options.push('default: null as never')
  }
  const last = options.length > 0 ? `, { ${options.join(', ')} }` : ''
  return { text: `() => ${use(field.builder)}(${target}${last})` }
}

function importLine(names: readonly string[], module: string): string {
  const sorted = [...names].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
  const flat = `import { ${sorted.join(', ')} } from '${module}'\n`
  return flat.length <= 121 ? flat : `import {\n${sorted.map((name) => `  ${name},\n`).join('')}} from '${module}'\n`
}
