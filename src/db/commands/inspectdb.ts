import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { CommandError, defineCommand } from '../../cli/index.ts'
import { t } from '../../i18n/index.ts'
import { nearest } from '../../std/text.ts'
import type { Introspector, TableSpec } from '../backends/schema.ts'
import { type Database, database } from '../connections.ts'
import type { KnownModel } from '../inspect/models.ts'
import { modelsFile } from '../inspect/render.ts'
import { modelByLabel } from '../models/lookup.ts'
import type { AnyModel } from '../models/meta.ts'

/** Tables that are ours or Django's own bookkeeping. */
const BOOKKEEPING = new Set(['nuages_migrations', 'nuages_migration_progress', 'django_migrations'])
/** Models of the framework that others may refer to. */
const OURS: Readonly<Record<string, Pick<KnownModel, 'expression' | 'name' | 'from'>>> = {
  'auth.Group': { expression: 'Group', name: 'Group', from: 'nuages/auth' },
  'auth.Permission': { expression: 'Permission', name: 'Permission', from: 'nuages/auth' },
  'contenttypes.ContentType': { expression: 'ContentType', name: 'ContentType', from: 'nuages/auth' },
}

export default defineCommand({
  help:
    'Write models for the tables of a database, whoever made it. Tables of models that the project has are left out. ' +
    'The models say managed: false, so that migrations leave their tables alone, unless --managed is given.',
  arguments: [{ name: 'tables', help: 'only these tables', variadic: true, required: false }],
  options: {
    database: { type: 'string', default: 'default', help: 'alias of the database' },
    app: { type: 'string', help: 'the app that the models are for: only its tables (app_…), named without it' },
    managed: { type: 'boolean', help: 'migrations make and change these tables from now on' },
    views: { type: 'boolean', help: 'views too' },
    output: {
      type: 'string',
      short: 'o',
      placeholder: 'file',
      help: 'a new file, or one that declares nothing yet; default: print',
    },
  },
  examples: ['inspectdb', 'inspectdb --app library -o library/models.ts', 'inspectdb customer invoice --managed'],
  needs: 'database',
  async run({ args, options, out, project }) {
    const db = database(options.database)
    const { introspector } = db.backend
    const views = options.views ? await (introspector.views?.(db) ?? []) : []
    const there = [...(await introspector.tables(db)), ...views]
    const own = new Map(project.apps.apps.flatMap((app) => Object.values(app.models)).flatMap(tablesOf))
    const wanted =
      args.tables.length > 0
        ? named(args.tables, there)
        : there.filter((table) => !own.has(table) && !BOOKKEEPING.has(table))
    const mine =
      options.app === undefined
        ? wanted
        : wanted.filter((table) => table.startsWith(`${options.app}_`) || args.tables.includes(table))
    if (mine.length === 0) {
      throw new CommandError(t('There are no tables to make models of.'), {
        code: 'db.no-tables',
        hint:
          there.length === 0
            ? 'The database is empty: is it the right one?'
            : `Those of the project's models are left out unless they are named. Tables: ${there.join(', ')}.`,
      })
    }
    const tables = await read(introspector, db, mine, new Set(views))
    const text = modelsFile(
      tables,
      {
        app: options.app,
        managed: options.managed,
        known: knownModels(own, project.user),
        vendor: db.features.vendor,
        views: new Set(views),
      },
      [
        `Made by nuages inspectdb. Look through it: what the database cannot say (choices, defaults, onDelete) is missing.`,
      ],
    )
    if (options.output === undefined) return out.write(text)
    if (existsSync(options.output) && !isBare(await readFile(options.output, 'utf8'))) {
      throw new CommandError(t('{file} exists already.', { file: options.output }), {
        code: 'db.file-exists',
        hint: 'Name another file, or move this one away.',
      })
    }
    await writeFile(options.output, text)
    out.success(t('{count} models written to {file}.', { count: tables.length, file: options.output }))
  },
})

/** True for a file that declares nothing: comments and `export {}`, as `startapp` writes one. */
function isBare(source: string): boolean {
  const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '')
  return /^\s*(?:export\s*\{\s*\}\s*;?\s*)?$/.test(code)
}

function tablesOf(model: AnyModel): [string, AnyModel][] {
  const between = model.meta.manyToMany.map((field) => field.relation!.through!.model) // each has a table between
  return [model, ...between].map((each) => [each.meta.table, each])
}

function named(names: readonly string[], there: readonly string[]): string[] {
  for (const name of names) {
    if (there.includes(name)) continue
    const near = nearest(name, there)
    throw new CommandError(t('There is no table "{name}".', { name }), {
      code: 'db.no-tables',
      hint: near === null ? `Tables: ${there.join(', ')}.` : `Did you mean "${near}"?`,
    })
  }
  return [...names]
}

async function read(
  introspector: Introspector,
  db: Database,
  names: readonly string[],
  views: ReadonlySet<string>,
): Promise<TableSpec[]> {
  const found: TableSpec[] = []
  for (const name of names) {
    const spec = views.has(name) ? await introspector.view?.(db, name) : await introspector.table(db, name)
    if (spec) found.push(spec)
  }
  return found
}

/** Models that a new file can import: ours, and the project's user. */
function knownModels(own: ReadonlyMap<string, AnyModel>, user: string | null): Map<string, KnownModel> {
  const known = new Map<string, KnownModel>()
  const userClass = user === null ? null : modelByLabel(user)
  for (const [table, model] of own) {
    const { meta } = model
    const ours =
      model === userClass ? { expression: 'userModel()', name: 'userModel', from: 'nuages/auth' } : OURS[meta.label]
    if (ours !== undefined && meta.pk.length === 1) known.set(table, { ...ours, column: meta.pk[0]!.column! })
  }
  return known
}
