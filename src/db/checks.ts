/**
 * What is wrong with models, told before they are used. Ids are stable: `db.E001` to `db.E…` are errors, `db.W…`
 * warnings; the list is at the end of this page.
 *
 * E001 unknown name in ordering · E002 a reverse relation that nothing answers · E003 two fields share a column or
 * attribute · E004 a getter or method hides a field · E005 no maxLength · E006 unknown field in an index or
 * constraint · E007 setNull on a column that cannot be null · E008 a default that is no choice · E009 a model listed
 * under another name · E010 decimal digits missing or impossible · E011 setDefault without a default · E012 a field
 * cannot be resolved · E013 a nullable primary key · E014 two models share a table · E015 a name is taken by every
 * instance · E016 two indexes or constraints share a name · E017 an option that does not exist · E018 no onDelete · E019 the database
 * deletes rows that the ORM has something to do for · E020 indexes or constraints of two models share a name ·
 * E021 a name too long for a database · E023 uniqueForDate of no date · W001 rows would share one default · those of
 * databases are in `checks-databases.ts`
 */
import { type Finding, finding } from '../checks/index.ts'
import { nearest } from '../std/text.ts'
import { checkColumns } from './checks-databases.ts'
import { checkLengths, checkNames } from './checks-names.ts'
import { ModelError } from './errors.ts'
import { pathsOf } from './models/define.ts'
import type { DeclaredOptions } from './models/definition.ts'
import { INSTANCE_NAMES } from './models/instance.ts'
import { allModels } from './models/lookup.ts'
import { type AnyModel, databaseAction, type FieldMeta, type ModelMeta } from './models/meta.ts'

/** Checks every model of the project. */
export function systemChecks(): readonly Finding[] {
  const models = allModels()
  return [...models.flatMap(checkModel), ...checkTables(models), ...checkNames(models)]
}

/** Checks one model. */
export function checkModel(model: AnyModel): Finding[] {
  const { meta } = model
  try {
    meta.fields
  } catch (error) {
    return [unresolved(meta, error)]
  }
  if (meta.proxy) return [...checkName(model), ...checkOptions(meta), ...checkOrdering(meta)]
  const fields = [...meta.fields.values()]
  const told = fields.flatMap(checkField)
  return [
    ...checkName(model),
    ...checkOptions(meta),
    ...checkOrdering(meta),
    ...told,
    ...checkClashes(meta, fields),
    ...checkLengths(meta),
    ...checkPeriods(meta),
    ...checkConstraints(meta),
    ...(told.some(({ id }) => id === 'db.E012') ? [] : checkColumns(model)), // the type of a column is its target's
  ]
}

function unresolved(meta: ModelMeta, error: unknown): Finding {
  if (!(error instanceof ModelError)) throw error
  return finding('error', 'db.E012', error.message, { object: meta.label, ...(error.hint ? { hint: error.hint } : {}) })
}

function checkName(model: AnyModel): Finding[] {
  const { meta } = model
  if (model.name === meta.name || model.name === '') return []
  return [
    finding('error', 'db.E009', `The class ${model.name} is listed as ${meta.name}.`, {
      object: meta.label,
      hint: `Use the class's name as its key in \`models\`, or rename the class.`,
    }),
  ]
}

// ---------------------------------------------------------------- names

/** Every name that {@link DeclaredOptions} has. */
const OPTIONS: Readonly<Record<keyof DeclaredOptions, true>> = {
  ordering: true,
  orderWithRespectTo: true,
  indexes: true,
  constraints: true,
  triggers: true,
  dbTable: true,
  comment: true,
  getLatestBy: true,
  primaryKey: true,
  naturalKey: true,
  verboseName: true,
  verboseNamePlural: true,
  managed: true,
  renamedFrom: true,
  defaultPermissions: true,
  permissions: true,
  extends: true,
}

/** The compiler says this too, to those who run it. */
function checkOptions(meta: ModelMeta): Finding[] {
  const names = Object.keys(OPTIONS)
  return Object.keys(meta.options)
    .filter((name) => !Object.hasOwn(OPTIONS, name))
    .map((name) => {
      const meant = nearest(name, names)
      return finding('error', 'db.E017', `"${name}" is not an option of a model.`, {
        object: meta.label,
        hint: meant === null ? `Options: ${names.join(', ')}.` : `Did you mean "${meant}"?`,
      })
    })
}

/** What a name of `ordering` leads to, or why it leads nowhere. */
function checkOrdering(meta: ModelMeta): Finding[] {
  const { orderWithRespectTo: group } = meta.options as DeclaredOptions // as written
  const entries = [
    ...(group === undefined ? [] : [group]),
    ...meta.orderBy.flatMap((item) => (typeof item === 'string' ? [item] : pathsOf(item))),
  ]
  return entries.flatMap((entry) => {
    const path = entry.replace(/^-/, '')
    if (path === '?' || path === 'pk') return []
    let here = meta
    let field: FieldMeta | undefined
    for (const name of path.split('__')) {
      if (field !== undefined && field.relation === null) break // a lookup on a column: parts of dates, keys of JSON
      field = here.fields.get(name) ?? here.byAttname.get(name)
      if (field === undefined) {
        const names = [...here.fields.keys()]
        const meant = nearest(name, names)
        return [
          finding('error', 'db.E001', `"${entry}" in ordering: "${name}" is not a field of ${here.label}.`, {
            object: meta.label,
            hint: meant === null ? `Fields: ${names.join(', ')}.` : `Did you mean "${meant}"?`,
          }),
        ]
      }
      if (field.relation !== null) here = field.relation.target.meta
    }
    return []
  })
}

/** `uniqueForDate` and its like name a date or an instant of the model. */
function checkPeriods(meta: ModelMeta): Finding[] {
  const plain = [...meta.fields.values()].filter((field) => field.relation === null)
  const dated = plain.filter(({ kind }) => kind === 'date' || kind === 'dateTime')
  return plain.flatMap((field) =>
    (['uniqueForDate', 'uniqueForMonth', 'uniqueForYear'] as const).flatMap((option) => {
      const name = field.options[option] as string | undefined // by the builder
      if (name === undefined || dated.some((each) => each.name === name)) return []
      const names = dated.map((each) => each.name)
      const meant = nearest(name, names)
      return [
        finding('error', 'db.E023', `${option}: "${name}" is no date of ${meta.label}.`, {
          object: `${meta.label}.${field.name}`,
          hint: meant === null ? `Dates and instants: ${names.join(', ') || 'none'}.` : `Did you mean "${meant}"?`,
        }),
      ]
    }),
  )
}

function checkClashes(meta: ModelMeta, fields: readonly FieldMeta[]): Finding[] {
  const found: Finding[] = []
  const places = new Map<string, string>()
  const claim = (key: string, what: string, field: FieldMeta) => {
    const holder = places.get(key)
    if (holder === undefined) places.set(key, field.name)
    else if (holder !== field.name) {
      found.push(
        finding('error', 'db.E003', `${holder} and ${field.name} both use the ${what}.`, {
          object: meta.label,
          hint: what.startsWith('column') ? 'Give one of them another dbColumn.' : 'Rename one of them.',
        }),
      )
    }
  }
  for (const field of fields) {
    const object = `${meta.label}.${field.name}`
    claim(`name ${field.name}`, `attribute ${field.name}`, field)
    if (field.attname !== field.name) claim(`name ${field.attname}`, `attribute ${field.attname}`, field)
    if (field.column !== null) claim(`column ${field.column.toLowerCase()}`, `column ${field.column}`, field)
    if (INSTANCE_NAMES.has(field.name)) {
      found.push(
        finding('error', 'db.E015', `No field can be called "${field.name}": every instance has that.`, { object }),
      )
    } else if (isHidden(meta.model, field)) {
      found.push(
        finding('error', 'db.E004', `The class has a getter or method "${field.name}" that hides the field.`, {
          object,
          hint: 'Rename one of them.',
        }),
      )
    }
  }
  return found
}
/** A member written in the class, or in an abstract base, stands where the field's value would be. */
function isHidden(model: AnyModel, field: FieldMeta): boolean {
  for (const name of new Set([field.name, field.attname])) {
    const isAccessor = field.relation !== null && (name === field.name || field.parts.length > 1)
    for (let proto: object | null = model.prototype; proto !== null && proto !== Object.prototype; ) {
      const member = Object.getOwnPropertyDescriptor(proto, name)
      if (
        member !== undefined &&
        !(isAccessor && proto === model.prototype && member.enumerable === false && isOurs(member))
      )
        return true
      proto = Object.getPrototypeOf(proto) as object | null
    }
  }
  return false
}
/** Accessors that `define` installs have both halves, made by `accessors.ts`. */
function isOurs(member: PropertyDescriptor): boolean {
  return member.get !== undefined && member.set !== undefined && member.configurable === true
}

// ---------------------------------------------------------------- fields

function checkField(field: FieldMeta): Finding[] {
  const object = `${field.model.meta.label}.${field.name}`
  const at = (id: string, message: string, hint?: string) =>
    finding('error', id, message, { object, ...(hint ? { hint } : {}) })
  if (field.relation !== null) return checkRelation(field, at)
  const found: Finding[] = []
  const { maxLength, maxDigits, decimalPlaces } = field.options
  if (field.kind === 'char' && field.builder === 'char' && !(typeof maxLength === 'number' && maxLength > 0))
    found.push(
      at('db.E005', `${object} has no maxLength.`, 'Write char({ maxLength: 200 }), or text() for any length.'),
    )
  if (field.kind === 'decimal') {
    if (!(typeof maxDigits === 'number' && typeof decimalPlaces === 'number' && maxDigits > 0 && decimalPlaces >= 0))
      found.push(
        at(
          'db.E010',
          `${object} does not say how many digits it keeps.`,
          'Write decimal({ maxDigits: 10, decimalPlaces: 2 }).',
        ),
      )
    else if (decimalPlaces > maxDigits)
      found.push(at('db.E010', `${object} has ${decimalPlaces} decimal places but only ${maxDigits} digits.`))
  }
  if (field.primaryKey && field.null) found.push(at('db.E013', `${object} is a primary key that may be null.`))
  const { default: value } = field.options
  if (value !== undefined && value !== null && typeof value !== 'function') {
    if (field.choices !== null && !field.choices.some((choice) => choice.value === value))
      found.push(
        at(
          'db.E008',
          `The default of ${object}, ${JSON.stringify(value)}, is not one of its choices.`,
          `Choices: ${field.choices.map((each) => each.value).join(', ')}.`,
        ),
      )
    if (typeof value === 'object' && (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype))
      found.push(
        finding('warning', 'db.W001', `The default of ${object} is a list or object.`, {
          object,
          hint: `Each row gets a copy; say so with a function: default: () => ${Array.isArray(value) ? '[]' : '({ … })'}.`,
        }),
      )
  }
  return found
}

function checkRelation(field: FieldMeta, at: (id: string, message: string, hint?: string) => Finding): Finding[] {
  const object = `${field.model.meta.label}.${field.name}`
  const relation = field.relation!
  try {
    relation.targets
    relation.through
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    return [at('db.E012', error.message, error.hint)]
  }
  try {
    if (relation.via !== null && relation.type === 'reverseOne' && relation.via.relation!.type !== 'oneToOne')
      return [
        at(
          'db.E002',
          `${object} is reverseOne of a foreign key, which many rows may hold.`,
          `Use reverse(), or make ${relation.via.name} a oneToOne.`,
        ),
      ]
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    return [at('db.E002', error.message, error.hint)]
  }
  // Without types, or past them: nothing would be cascaded, and the database would refuse the deletion.
  if (field.parts.length > 0 && relation.onDelete === null)
    return [
      at(
        'db.E018',
        `${object} does not say what becomes of its row when the one it leads to is deleted.`,
        "Add onDelete: 'cascade', 'protect', 'restrict', 'setNull', 'setDefault', set(…) or 'doNothing'; or 'dbCascade', 'dbSetNull', 'dbSetDefault'.",
      ),
    ]
  const isEmptied =
    relation.onDelete === 'setNull' || relation.onDelete === 'dbSetNull' || relation.setTo?.value === null
  if (isEmptied && !field.null)
    return [
      at(
        'db.E007',
        `${object} is set to null on delete, but cannot be null.`,
        'Add null: true, or choose another onDelete.',
      ),
    ]
  if (relation.onDelete === 'dbSetDefault' && field.options.dbDefault === undefined)
    return [
      at(
        'db.E011',
        `${object} is set to its default on delete by the database, which has none.`,
        'Add dbDefault, or choose another onDelete.',
      ),
    ]
  if (databaseAction(relation.onDelete) === 'cascade') return checkCascade(field, at)
  if (relation.onDelete === 'setDefault' && !field.hasDefault)
    return [
      at(
        'db.E011',
        `${object} is set to its default on delete, but has none.`,
        'Add a default, or choose another onDelete.',
      ),
    ]
  return []
}

/** Rows that the database deletes are never seen here: nothing can be done for rows that point to them. */
function checkCascade(field: FieldMeta, at: (id: string, message: string, hint?: string) => Finding): Finding[] {
  const { meta } = field.model
  const left = meta.incoming.filter(({ field: own }) => {
    if (own.column === null) return false
    const { onDelete } = own.relation!
    return onDelete !== 'doNothing' && databaseAction(onDelete) === undefined
  })
  return left.map(({ field: own, model }) =>
    at(
      'db.E019',
      `The database deletes rows of ${meta.label} (${field.name} is dbCascade), but ${model.meta.label}.${own.name} is ${own.relation!.onDelete}, which would not be done for rows that point to them.`,
      `Let the database do it too: onDelete: 'dbCascade' or 'dbSetNull' on ${model.meta.label}.${own.name}; or 'cascade' on ${meta.label}.${field.name}.`,
    ),
  )
}

// ---------------------------------------------------------------- tables

function checkConstraints(meta: ModelMeta): Finding[] {
  let names: string[]
  try {
    names = [...meta.indexes, ...meta.constraints, ...meta.triggers].map((each) => each.name)
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    return [
      finding('error', 'db.E006', error.message, { object: meta.label, ...(error.hint ? { hint: error.hint } : {}) }),
    ]
  }
  return names
    .filter((name, i) => names.indexOf(name) !== i)
    .map((name) =>
      finding('error', 'db.E016', `Two indexes or constraints of ${meta.label} are called ${name}.`, {
        object: meta.label,
      }),
    )
}

/** A model and the models of its join tables, which are in no registry. None of a model that cannot be read. */
function withJoinTables(model: AnyModel): AnyModel[] {
  try {
    const throughs = model.meta.proxy ? [] : model.meta.manyToMany.map((field) => field.relation!.through)
    return [model, ...throughs.flatMap((through) => (through?.auto ? [through.model] : []))]
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    return [model]
  }
}

function checkTables(models: readonly AnyModel[]): Finding[] {
  const owners = new Map<string, AnyModel>()
  const found: Finding[] = []
  for (const model of models.flatMap(withJoinTables)) {
    if (model.meta.proxy) continue
    const table = model.meta.table.toLowerCase()
    const owner = owners.get(table)
    if (owner === undefined) owners.set(table, model)
    else if (model.meta.managed && owner.meta.managed)
      found.push(
        finding(
          'error',
          'db.E014',
          `${owner.meta.label} and ${model.meta.label} share the table ${model.meta.table}.`,
          {
            object: model.meta.label,
            hint: 'Give one of them another dbTable.',
          },
        ),
      )
  }
  return found
}
