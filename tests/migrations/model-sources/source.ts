/** The TypeScript that a person would write for a declaration, and the flags or hints for what was renamed. */
import type { Column, Declared, Options, Project, Slot } from './declarations.ts'
import { SLOTS } from './declarations.ts'

/** Names as they are after models and fields took those of one another. */
export interface Names {
  readonly label: (slot: Slot) => string
  readonly model: (slot: Slot) => string
  readonly field: (slot: Slot, part: Part) => string
}
export type Part = 'code' | 'title' | 'number' | 'extra' | 'generated' | 'key' | 'many'
export const PARTS: readonly Part[] = ['code', 'title', 'number', 'extra', 'generated', 'key', 'many']

const TURNED: readonly Part[] = ['title', 'number', 'extra']

export const has = (project: Project, slot: Slot): boolean => project.models[slot] !== null

/** What of a model is there: a relation needs its target, another field what it is computed from. */
export function hasPart(project: Project, slot: Slot, part: Part): boolean {
  const own = project.models[slot]
  if (own === null) return false
  if (part === 'key') return own.key !== null && has(project, own.key.target)
  if (part === 'many') return own.many !== null && (isThrough(project, slot) || has(project, own.many.target))
  if (part === 'generated') return own.generated !== null && (own.generated.of === 'title' || isWhole(own))
  return own[part] !== null
}

export const isWhole = (own: Declared): boolean => /nteger$/.test(own.number.builder)

/** Whether the relation goes by the model between, which leads from the first model to the second. */
export function isThrough(project: Project, slot: Slot): boolean {
  return slot === 'a' && project.models.a?.many?.through === true && hasBetween(project)
}
export const hasBetween = (project: Project): boolean => has(project, 'a') && has(project, 'b')

export function namesOf(project: Project): Names {
  const model = (slot: Slot): string => {
    const there = SLOTS.filter((each) => has(project, each))
    const at = there.indexOf(slot)
    return project.models[there[(at + project.turned) % there.length]!]!.name
  }
  const field = (slot: Slot, part: Part): string => {
    const own = project.models[slot]!
    const turned = TURNED.filter((each) => own[each as 'title'] !== null)
    const of = turned.includes(part) ? turned[(turned.indexOf(part) + own.turned) % turned.length]! : part
    return (own[of as 'title'] as { name: string }).name
  }
  return { model, field, label: (slot) => `${project.models[slot]!.app}.${model(slot)}` }
}

/** What was renamed, as flags; those of fields by the new label of their model. */
export function renamesBetween(from: Project, to: Project): string[] {
  const [was, is] = [namesOf(from), namesOf(to)]
  const found: string[] = []
  const model = (before: string, after: string) => {
    if (before === after) return
    const moved = before.split('.')[0] !== after.split('.')[0]
    found.push(`${before}:${moved ? after : after.split('.')[1]}`)
  }
  for (const slot of SLOTS) {
    if (!has(from, slot) || !has(to, slot)) continue
    model(was.label(slot), is.label(slot))
    for (const part of PARTS) {
      if (!hasPart(from, slot, part) || !hasPart(to, slot, part)) continue
      const [before, after] = [was.field(slot, part), is.field(slot, part)]
      if (before !== after && staysTable(from, to, slot, part)) found.push(`${is.label(slot)}.${before}:${after}`)
    }
  }
  if (hasBetween(from) && hasBetween(to)) {
    const [a, b] = [from.between, to.between]
    model(`${a.app}.${a.name}`, `${b.app}.${b.name}`)
    const pairs = [
      [a.from, b.from],
      [a.to, b.to],
      [a.note, b.note],
    ]
    for (const [before, after] of pairs)
      if (before && after && before !== after) found.push(`${b.app}.${b.name}.${before}:${after}`)
  }
  return found
}

/** Relations of many to many are renamed only as long as they are the same. */
function staysTable(from: Project, to: Project, slot: Slot, part: Part): boolean {
  if (part !== 'many') return true
  const through = isThrough(from, slot)
  if (through !== isThrough(to, slot)) return false
  return through || from.models[slot]!.many!.target === to.models[slot]!.many!.target
}

/** The module with all models. @param hints   renames to be said in the models: {@link renamesBetween} */
export function sourceOf(project: Project, hints: readonly string[] = []): string {
  const names = namesOf(project)
  const classes = SLOTS.filter((slot) => has(project, slot)).map((slot) => modelSource(project, names, slot, hints))
  if (hasBetween(project)) classes.push(betweenSource(project, names, hints))
  return `import * as db from 'nuages/db'
import { Lower, Upper } from 'nuages/db/functions'

const { AbstractModel, Model, Own, ProxyModel, sql } = db
const { char, choice, decimal, foreignKey, integer, json, manyToMany, oneToOne } = db
const { bigInteger, binary, boolean, date, dateTime, duration, float, instant, ipAddress } = db
const { smallInteger, slug, text, time, uuid, generated } = db
const { check, copyTo, index, keepNow, readOnly, refuseDelete, trigger, unique } = db

${classes.join('\n')}`
}

const optionsSource = (options: Options, first = ''): string => {
  const written = Object.entries(options).map(([name, value]) => `${name}: ${value}`)
  return `${first}${written.length > 0 ? `${first ? ', ' : ''}{ ${written.join(', ')} }` : ''}`
}

function hintFor(hints: readonly string[], label: string, name: string): Options {
  const hint = hints.find((each) => each.startsWith(`${label}.`) && each.endsWith(`:${name}`))
  return hint === undefined ? {} : { renamedFrom: `'${hint.slice(label.length + 1).split(':')[0]}'` }
}

function modelHint(hints: readonly string[], label: string): string[] {
  const [app, name] = label.split('.') as [string, string]
  const hint = hints.find(
    (each) =>
      each.split(':')[0]!.split('.').length === 2 &&
      (each.endsWith(`:${label}`) || (each.startsWith(`${app}.`) && each.endsWith(`:${name}`))),
  )
  if (hint === undefined) return []
  const old = hint.split(':')[0]!
  return [`renamedFrom: '${old.startsWith(`${app}.`) ? old.split('.')[1] : old}'`]
}

function modelSource(project: Project, names: Names, slot: Slot, hints: readonly string[]): string {
  const own = project.models[slot]!
  const name = names.model(slot)
  const label = names.label(slot)
  const homes: Record<Column['home'], string[]> = { own: [], base: [], mixin: [] }
  for (const part of ['code', 'title', 'number', 'extra'] as const) {
    const column = own[part]
    if (column === null) continue
    const field = names.field(slot, part)
    const options = { ...column.options, ...hintFor(hints, label, field) }
    const first = column.builder === 'choice' ? `{ a: '${own.verboseName ? 'A' : 'An A'}', b: 'B', c: 'C' }` : ''
    homes[column.home].push(`${field}: ${column.builder}(${optionsSource(options, first)})`)
  }
  if (hasPart(project, slot, 'generated')) homes.own.push(generatedSource(project, names, slot, hints))
  if (hasPart(project, slot, 'key')) homes.own.push(keySource(project, names, slot, hints))
  if (hasPart(project, slot, 'many')) homes.own.push(manySource(project, names, slot, hints))
  const header = headerSource(project, names, slot)
  const bases = [own.indexes.includes('base'), own.constraints.includes('base')]
  const isBased = homes.base.length > 0 || bases.some(Boolean)
  const code = names.field(slot, 'code')
  const shared = own.code.home === 'base'
  const baseHeader = [
    ...(bases[0] && shared ? [`indexes: [index(['${code}'], { name: '{app}_{model}_base' })]`] : []),
    ...(bases[1] && shared ? [`constraints: [check({ ${code}__gte: ' ' }, { name: '{app}_{model}_full' })]`] : []),
  ]
  const lines = [
    ...(isBased
      ? [
          `abstract class ${name}Base extends AbstractModel({ ${homes.base.join(', ')} }, { ${baseHeader.join(', ')} }) {}`,
        ]
      : []),
    ...(homes.mixin.length > 0 ? [`const in${name} = { ${homes.mixin.join(', ')} }`] : []),
    `export class ${name} extends Model<any>()(
  {
    ${[...(homes.mixin.length > 0 ? [`...in${name}`] : []), ...homes.own].join(',\n    ')}
  },
  {
    ${[...(isBased ? [`extends: ${name}Base`] : []), ...header, ...modelHint(hints, label)].join(',\n    ')}
  },
) {}`,
    ...(own.proxy
      ? [`export class ${name}Proxy extends ProxyModel<any>()(${name}, { ordering: ['${code}'] }) {}`]
      : []),
  ]
  return `${lines.join('\n')}\n`
}

function generatedSource(project: Project, names: Names, slot: Slot, hints: readonly string[]): string {
  const { of, stored } = project.models[slot]!.generated!
  const field = names.field(slot, 'generated')
  const column = names.field(slot, of)
  const [value, output] =
    of === 'title' ? [`Upper('${column}')`, 'char({ maxLength: 200 })'] : [`Own('${column}').times(2)`, 'bigInteger()']
  const options = { output, stored: String(stored), ...hintFor(hints, names.label(slot), field) }
  return `${field}: generated(${optionsSource(options, value)})`
}

function keySource(project: Project, names: Names, slot: Slot, hints: readonly string[]): string {
  const { key } = project.models[slot]!
  const field = names.field(slot, 'key')
  const options = {
    onDelete: `'${key!.onDelete}'`,
    null: 'true',
    ...(key!.byCode ? { toField: `'${names.field(key!.target, 'code')}'` } : {}),
    ...key!.options,
    ...hintFor(hints, names.label(slot), field),
  }
  return `${field}: () => ${key!.builder}(${optionsSource(options, names.model(key!.target))})`
}

function manySource(project: Project, names: Names, slot: Slot, hints: readonly string[]): string {
  const { many } = project.models[slot]!
  const field = names.field(slot, 'many')
  const hint = hintFor(hints, names.label(slot), field)
  const { symmetrical, dbTable, ...rest } = many!.options
  if (isThrough(project, slot)) {
    const options = { ...rest, through: project.between.name, ...hint }
    return `${field}: () => manyToMany(${optionsSource(options, names.model('b'))})`
  }
  const own = {
    ...(symmetrical && many!.target === slot ? { symmetrical } : {}),
    ...(dbTable ? { dbTable: `'${dbTable.slice(1, -1)}_${slot}'` } : {}),
  }
  return `${field}: () => manyToMany(${optionsSource({ ...rest, ...own, ...hint }, names.model(many!.target))})`
}

function headerSource(project: Project, names: Names, slot: Slot): string[] {
  const own = project.models[slot]!
  const [code, title, number] = (['code', 'title', 'number'] as const).map((part) => names.field(slot, part))
  const key = hasPart(project, slot, 'key') ? names.field(slot, 'key') : null
  const isNumber = own.number.builder !== 'char'
  // MariaDB computes nothing over a reference that it follows, and has no partial indexes.
  const indexes = own.indexes.flatMap((which) => {
    if (which === 'two') return [`index(['${title}', '-${code}'])`]
    if (which === 'lower') return [`index([Lower('${title}'), '${code}'], { name: 'lower_${slot}' })`]
    if (which === 'where' && isNumber)
      return [`index(['${code}'], { name: 'part_${slot}', where: { ${number}__gt: 1 } })`]
    if (which === 'key' && key) return [`index(['${key}', '${number}'])`]
    return []
  })
  const constraints = own.constraints.flatMap((which) => {
    if (which === 'unique') return [`unique(['${title}', '${number}'])`]
    if (which === 'check' && isNumber) return [`check({ ${number}__gte: 0 })`]
    if (which === 'key' && key) return [`unique(['${key}', '${code}'], { name: 'key_${slot}' })`]
    if (which === 'lower') return [`unique([Lower('${code}')], { name: 'once_${slot}' })`]
    if (which === 'where' && isNumber)
      return [`unique(['${title}', '${code}'], { name: 'some_${slot}', where: { ${number}__gt: 1 } })`]
    return []
  })
  const extra = own.extra
  const triggers = own.triggers.flatMap((which) => {
    if (which === 'now' && extra && ['dateTime', 'instant'].includes(extra.builder))
      return [`keepNow('${names.field(slot, 'extra')}')`]
    if (which === 'readOnly') return [`readOnly(['${code}'])`]
    if (which === 'refuse') return ['refuseDelete()']
    if (which === 'copy' && hasCopy(project, slot)) {
      return [
        `copyTo(() => ${names.model('c')}, { fields: { ${code}: '${names.field('c', 'code')}' }, on: ['delete'] })`,
      ]
    }
    if (which === 'sql')
      return [
        `trigger({ name: 'told_${slot}', when: 'after', on: ['update of ${title}'], do: { sqlite: 'SELECT 1;' } })`,
      ]
    return []
  })
  const order =
    own.order === 'ordering'
      ? [`ordering: ['${title}']`]
      : own.order === 'reverse'
        ? [`ordering: ['-${number}', '${code}']`]
        : own.order === 'respect' && key
          ? [`orderWithRespectTo: '${key}'`]
          : []
  return [
    ...order,
    ...(indexes.length > 0 ? [`indexes: [${indexes.join(', ')}]`] : []),
    ...(constraints.length > 0 ? [`constraints: [${constraints.join(', ')}]`] : []),
    ...(triggers.length > 0 ? [`triggers: [${triggers.join(', ')}]`] : []),
    ...(own.table ? [`dbTable: '${own.table}'`] : []),
    ...(own.comment ? [`comment: ${JSON.stringify(own.comment)}`] : []),
    ...(own.verboseName ? ["verboseName: 'thing'"] : []),
  ]
}

/** A copy of a row of `c` itself would be one of the same code. */
const hasCopy = (project: Project, slot: Slot): boolean => slot !== 'c' && has(project, 'c')

function betweenSource(project: Project, names: Names, hints: readonly string[]): string {
  const { app, name, from, to, note, composite, unique } = project.between
  const label = `${app}.${name}`
  const key = (field: string, slot: Slot) =>
    `${field}: () => foreignKey(${optionsSource({ onDelete: "'cascade'", ...hintFor(hints, label, field) }, names.model(slot))})`
  const options = [
    ...(composite ? [`primaryKey: ['${from}', '${to}']`] : []),
    ...(unique ? [`constraints: [unique(['${from}', '${to}'])]`] : []),
    ...modelHint(hints, label),
  ]
  const more = note
    ? [`${note}: char(${optionsSource({ maxLength: '9', blank: 'true', ...hintFor(hints, label, note) })})`]
    : []
  return `export class ${name} extends Model<any>()(
  {
    ${[key(from, 'a'), key(to, 'b'), ...more].join(',\n    ')}
  },
  { ${options.join(', ')} },
) {}\n`
}

/** Which app has which classes. */
export function appsOf(project: Project): Record<'library' | 'shop', string[]> {
  const names = namesOf(project)
  const apps = { library: [] as string[], shop: [] as string[] }
  for (const slot of SLOTS) {
    const own = project.models[slot]
    if (own === null) continue
    apps[own.app].push(names.model(slot), ...(own.proxy ? [`${names.model(slot)}Proxy`] : []))
  }
  if (hasBetween(project)) apps[project.between.app].push(project.between.name)
  return apps
}
