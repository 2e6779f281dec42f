/** Rows of a declared project, put in and read through its own models; and what of them another declaration must keep. */
import { type AnyModel, Temporal } from 'nuages/db'
import type { Declared, Project, Slot } from './declarations.ts'
import { SLOTS } from './declarations.ts'
import { hasBetween, hasPart, isThrough, namesOf } from './source.ts'

/** Models by name, as an app lists them. */
export type Loaded = Readonly<Record<string, AnyModel>>

// Models that no compiler has seen.
type Any = any

const objects = (models: Loaded, name: string): Any => (models[name] as Any).objects

/** A value of each field that fits whatever the field becomes. */
function valuesOf(project: Project, later: Project, slot: Slot, id: number): Record<string, unknown> {
  const names = namesOf(project)
  const own = project.models[slot]!
  const next = later.models[slot]?.extra
  // What a value becomes in another type is told by conversions.test.ts.
  const stays =
    !next ||
    !own.extra ||
    JSON.stringify([next.builder, next.options]) === JSON.stringify([own.extra.builder, own.extra.options])
  const name = (part: 'code' | 'title' | 'number' | 'extra') => names.field(slot, part)
  const isText = own.number.builder === 'char'
  return {
    [name('code')]: String(id),
    // The second holds nothing where it may.
    [name('title')]: id === 2 && own.title.options.null ? null : 'ab'[id - 1],
    [name('number')]: isText ? String(id * 10) : id * 10,
    ...(stays &&
    own.extra &&
    EXTRAS[own.extra.builder] !== undefined &&
    !/auto|dbDefault/.test(JSON.stringify(own.extra.options))
      ? { [name('extra')]: id === 2 && own.extra.options.null ? null : EXTRAS[own.extra.builder] }
      : {}),
  }
}

const EXTRAS: Readonly<Record<string, unknown>> = {
  boolean: true,
  date: Temporal.PlainDate.from('2026-02-03'),
  dateTime: new Date('2026-02-03T04:05:06Z'),
  instant: Temporal.Instant.from('2026-02-03T04:05:06.123456Z'),
  json: { b: ['x', 2] },
  uuid: 'aaaaaaaa-bbbb-4ccc-addd-00000000eeee',
  binary: new Uint8Array([1, 2]),
  duration: Temporal.Duration.from('PT1H'),
  time: Temporal.PlainTime.from('10:20:30'),
  ipAddress: '10.0.0.1',
  char: 'x',
  float: 0.25,
}

/** Two rows of each model, the second leading to the first of others, and links between them. @param later   the declaration to come */
export async function insertRows(project: Project, models: Loaded, later: Project): Promise<void> {
  const names = namesOf(project)
  const there = SLOTS.filter((slot) => project.models[slot] !== null)
  for (const id of [1, 2]) {
    for (const slot of there) {
      const values = valuesOf(project, later, slot, id)
      if (id === 2 && hasPart(project, slot, 'key') && leadsToSame(project, later, slot))
        values[`${names.field(slot, 'key')}`] = await first(project, models, slot)
      await objects(models, names.model(slot)).create(values)
    }
  }
  for (const slot of there) {
    if (!hasPart(project, slot, 'many') || isThrough(project, slot)) continue
    const row: Any = await objects(models, names.model(slot)).get({ pk: 2 })
    const { target } = project.models[slot]!.many!
    await row[names.field(slot, 'many')].add(await objects(models, names.model(target)).get({ pk: 1 }))
  }
  if (hasBetween(project)) {
    const { name, from, to, note } = project.between
    await objects(models, name).create({ [`${from}Id`]: 2, [`${to}Id`]: 1, ...(note ? { [note]: 'n' } : {}) })
  }
}

/** A key that leads elsewhere later leads to rows that are not there. */
function leadsToSame(was: Project, is: Project, slot: Slot): boolean {
  return !hasPart(is, slot, 'key') || was.models[slot]!.key!.target === is.models[slot]!.key!.target
}

function first(project: Project, models: Loaded, slot: Slot): Promise<unknown> {
  return objects(models, namesOf(project).model(project.models[slot]!.key!.target)).get({ pk: 1 })
}

/** What a part of a model holds, by row; keyed by what it is and not by what it is called. */
export type Held = Record<string, unknown>

/** Everything that rows hold. */
export async function heldRows(project: Project, models: Loaded): Promise<Held> {
  const names = namesOf(project)
  const held: Held = {}
  for (const slot of SLOTS) {
    if (project.models[slot] === null) continue
    const rows: Any[] = await objects(models, names.model(slot)).orderBy('id')
    held[slot] = rows.map((row) => row.id)
    for (const part of ['code', 'title', 'number', 'extra', 'generated', 'key'] as const) {
      if (!hasPart(project, slot, part)) continue
      const name = part === 'key' ? `${names.field(slot, part)}Id` : names.field(slot, part)
      held[`${slot}.${part}`] = rows.map((row) => shown(row[name], part))
    }
    if (!hasPart(project, slot, 'many')) continue
    const links = rows.map(async (row) =>
      [...(await row[names.field(slot, 'many')].orderBy('id'))].map(({ id }: Any) => id),
    )
    held[`${slot}.many`] = await Promise.all(links)
  }
  if (hasBetween(project)) {
    const { name, from, to, note } = project.between
    const rows: Any[] = await objects(models, name).all()
    held.between = rows.map((row) => [row[`${from}Id`], row[`${to}Id`]])
    if (note) held['between.note'] = rows.map((row) => row[note])
  }
  return held
}

function shown(value: unknown, part: string): unknown {
  if (value === null || value === undefined) return null
  if (part === 'number') return Number(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return [...value]
  return typeof value === 'object' && !('toJSON' in value) ? JSON.stringify(value) : String(value)
}

/** What must be held after a change, of what was held before: nothing of what is another thing now. */
export function keptOf(held: Held, was: Project, is: Project): Held {
  const kept: Held = {}
  for (const slot of SLOTS) {
    const [before, after] = [was.models[slot], is.models[slot]]
    if (before === null || after === null) continue
    kept[slot] = held[slot]
    for (const part of ['code', 'title', 'number', 'extra', 'generated', 'key', 'many'] as const) {
      if (hasPart(was, slot, part) && hasPart(is, slot, part) && isSame(before, after, part, was, is, slot)) {
        kept[`${slot}.${part}`] = held[`${slot}.${part}`]
      }
    }
  }
  if (hasBetween(was) && hasBetween(is)) {
    kept.between = held.between
    if (was.between.note && is.between.note) kept['between.note'] = held['between.note']
  }
  return kept
}

function isSame(before: Declared, after: Declared, part: string, was: Project, is: Project, slot: Slot): boolean {
  if (part === 'extra')
    return (
      JSON.stringify([before.extra!.builder, before.extra!.options]) ===
      JSON.stringify([after.extra!.builder, after.extra!.options])
    )
  if (part === 'generated') return before.generated!.of === after.generated!.of
  if (part === 'key') return before.key!.target === after.key!.target
  if (part !== 'many') return true
  const through = isThrough(was, slot)
  return through === isThrough(is, slot) && (through || before.many!.target === after.many!.target)
}

/** Held values against those that must be: a null may have been filled. */
export function differences(kept: Held, now: Held): string[] {
  return Object.entries(kept).flatMap(([key, values]) => {
    const found = now[key]
    const isFilled = (value: unknown, i: number) =>
      JSON.stringify(value) === JSON.stringify((found as unknown[])[i]) ||
      (value === null && /title|number|extra|generated/.test(key))
    const same =
      Array.isArray(found) && found.length === (values as unknown[]).length && (values as unknown[]).every(isFilled)
    return same ? [] : [`${key} held ${JSON.stringify(values)} and holds ${JSON.stringify(found)}`]
  })
}
