/** One pair of declarations, through the commands: files, tables, rows, and back. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { defineApp } from 'nuages'
import { expect } from 'vitest'
import type { CommandProject } from '../../../src/db/commands/changes.ts'
import { definitionOf } from '../../../src/db/models/definition.ts'
import { ModelRegistry } from '../../../src/db/models/registry.ts'
import { NuagesError } from '../../../src/std/errors.ts'
import { closeDatabase, isSqlite, openDatabase, rows, schema } from '../history.ts'
import { closeProject, files, make, migrate, openProject, read, root } from '../project.ts'
import type { Project } from './declarations.ts'
import { differences, heldRows, insertRows, keptOf, type Loaded } from './rows.ts'
import { appsOf, renamesBetween, sourceOf } from './source.ts'

const APPS = ['library', 'shop'] as const

/** The project whose models a module declares, with a registry of its own: another version of it is loaded beside. */
export async function loaded(
  text: string,
  apps: Record<string, string[]>,
  name: string,
): Promise<[CommandProject, Loaded]> {
  mkdirSync(root, { recursive: true })
  const file = join(root, `${name}.ts`)
  writeFileSync(file, text)
  const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, never>
  const registry = new ModelRegistry()
  for (const model of Object.values(module)) (definitionOf(model) as { registry: ModelRegistry }).registry = registry
  const made = Object.entries(apps).map(([app, models]) =>
    defineApp({
      name: app,
      root: join(root, app, 'app.ts').replace(/\/app\.ts$/, ''),
      models: Object.fromEntries(models.map((each) => [each, module[each]!])),
    } as never),
  )
  return [{ apps: { apps: made as never }, user: null, root }, module]
}

/** Runs makemigrations, and again with an answer to each question about rows that exist. */
async function made(project: CommandProject, rename: readonly string[]): Promise<string> {
  const options = { noRenames: true, rename }
  try {
    return (await make(project, options)).text
  } catch (error) {
    if (!(error instanceof NuagesError) || !/default-unanswered|unanswered/.test(error.code)) throw error
    const open = [...`${error.message} ${error.hint}`.matchAll(/--default ([\w.]+)=VALUE/g)].map((match) => match[1]!)
    return (await make(project, { ...options, default: open.map((each) => `${each}=${fillFor(project, each)}`) })).text
  }
}

function fillFor(project: CommandProject, label: string): string {
  const [app, model, name] = label.split('.') as [string, string, string]
  const found = project.apps.apps.find((each) => each.name === app)!.models[model]!.meta.fields.get(name)!
  return FILLS[found.builder] ?? (found.kind === 'char' || found.kind === 'text' ? '77' : '5')
}
const FILLS: Readonly<Record<string, string>> = {
  boolean: 'true',
  date: '2026-01-01',
  dateTime: '2026-01-01T00:00:00Z',
  instant: '2026-01-01T00:00:00Z',
  json: '[1]',
  choice: 'c',
  slug: 'c',
}

const inOrder = (list: string) => list.split(', ').sort().join(', ')

/** The tables, whatever the order in which columns and indexes came. */
async function tables() {
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
  // What PostgreSQL makes of a condition when a column gets another type is written with more casts, and means the same.
  const plain = <T>(parts: T): T =>
    JSON.parse(JSON.stringify(parts).replace(/::(double precision|[a-z]+)(\(\d+(,\d+)?\))?|[()]/g, '')) // names, texts and truths alone
  return (await schema()).map((table) => ({
    ...table,
    columns: [...table.columns].sort(byName),
    indexes: plain([...table.indexes].sort(byName)),
    uniques: [...table.uniques].sort(byName),
    checks: plain([...table.checks].sort(byName)),
    // SQLite names all columns of a trigger in their order.
    triggers: (table.triggers ?? [])
      .map((trigger) => JSON.parse(JSON.stringify(trigger).replace(/(?<=UPDATE OF ).*?(?= ON )/g, inOrder)))
      .sort(byName),
    ...(table.foreignKeys && { foreignKeys: [...table.foreignKeys] }),
  }))
}

/** Where two readings differ, as paths with both values. */
function unlike(now: unknown, wanted: unknown, path = ''): string[] {
  const text = (value: unknown) => JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part))
  if (text(now) === text(wanted)) return []
  if (typeof now !== 'object' || typeof wanted !== 'object' || now === null || wanted === null)
    return [`${path}: ${text(now)}, not ${text(wanted)}`]
  const named = (value: object) =>
    Array.isArray(value) && value.every((each) => typeof each?.name === 'string')
      ? Object.fromEntries(value.map((each) => [each.name, each]))
      : (value as Record<string, unknown>)
  const [left, right] = [named(now), named(wanted)]
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) =>
    unlike(left[key], right[key], `${path}.${key}`),
  )
}

/** The last migration of each app, or zero. */
function lasts(): Record<string, string> {
  return Object.fromEntries(
    APPS.map((app) => {
      try {
        return [app, files(app).at(-1)?.replace(/\.ts$/, '') ?? 'zero']
      } catch {
        return [app, 'zero']
      }
    }),
  )
}

/** Every file of the project, for a failure's report. */
export function written(): string {
  const names = Object.entries(lasts()).filter(([, last]) => last !== 'zero')
  return names.flatMap(([app]) => files(app).map((name) => `// ${app}/${name}\n${read(name, app)}`)).join('\n')
}

const serial = { number: 0 }

/** @throws for whatever is not as it must be, with the sources and the migrations */
export async function checkPair(
  from: Project,
  to: Project,
  { inModels }: { inModels: boolean },
): Promise<'done' | 'refused'> {
  const renames = renamesBetween(from, to)
  const [before, after] = [sourceOf(from), sourceOf(to, inModels ? renames : [])]
  let files = ''
  try {
    // The second alone.
    openProject()
    const [alone] = await loaded(after, appsOf(to), `alone${serial.number++}`)
    await made(alone, [])
    await migrate(alone)
    const wantedTo = await tables()
    await closeProject()

    openProject()
    const [first, firstModels] = await loaded(before, appsOf(from), `first${serial.number++}`)
    await made(first, [])
    await migrate(first)
    const wantedFrom = await tables()
    const ends = lasts()
    await insertRows(from, firstModels, to)
    const held = await heldRows(from, firstModels)

    const [second, secondModels] = await loaded(after, appsOf(to), `second${serial.number++}`)
    try {
      await made(second, inModels ? [] : renames)
    } catch (error) {
      if (error instanceof NuagesError && error.code === 'migrations.circular-changes') return 'refused'
      throw error
    }
    files = written()
    expect((await make(second, { noRenames: true })).text).toContain('No changes')
    await migrate(second)
    expect(unlike(await tables(), wantedTo), 'forwards').toEqual([])
    const kept = keptOf(held, from, to)
    expect(differences(kept, await heldRows(to, secondModels))).toEqual([])
    expect((await migrate(second, { checkDrift: true })).text).toContain('are as the migrations make them')
    if (isSqlite) expect(await rows('pragma foreign_key_check')).toEqual([])

    for (const app of APPS) if (lasts()[app] !== 'zero') await migrate(second, {}, { app, migration: ends[app] })
    expect(unlike(await tables(), wantedFrom), 'backwards').toEqual([])
    expect(differences(keptOf(kept, to, from), await heldRows(from, firstModels))).toEqual([])
    for (const app of APPS) if (lasts()[app] !== 'zero') await migrate(second, {}, { app, migration: 'zero' })
    expect(await tables()).toEqual([])
    return 'done'
  } catch (error) {
    if (error instanceof Error)
      error.message += `\n${'-'.repeat(20)}\n${before}\n${'-'.repeat(20)} renames: ${renames}\n${after}\n${'-'.repeat(20)}\n${files}`
    throw error
  } finally {
    await closeProject()
  }
}

export { closeDatabase, openDatabase }
