/**
 * Many migrations of an app as one: their operations after one another, optimized. The files it replaces stay until every
 * database has applied all of them.
 */
import { basename } from 'node:path'
import { MigrationError } from './errors.ts'
import { MigrationLoader } from './loader.ts'
import { type Dependency, isUserModel, keyOf, type Migration, mutateState } from './migration.ts'
import type { Operation } from './operations/operation.ts'
import { optimize } from './optimizer.ts'
import { differingModel, type ProjectState } from './state.ts'
import { Elsewhere, isWritable, type Writable } from './writer.ts'

/** Options of `nuages squashmigrations`. */
export interface SquashOptions {
  readonly app: string
  /** The last to be squashed: the beginning of its name. */
  readonly to: string
  /** The first; default the first of the app. */
  readonly from?: string
  /** Name of the file without its number; default `squashed_` and that of the last. */
  readonly name?: string
  /** Default true. */
  readonly optimize?: boolean
}

/** A migration in place of several, before it is written. */
export interface Squashed {
  readonly app: string
  readonly name: string
  readonly replaces: readonly Migration[]
  readonly written: Writable
  /** Operations before and after. */
  readonly counts: readonly [before: number, after: number]
}

/** @throws MigrationError migrations.cannot-squash */
export function squash(loader: MigrationLoader, options: SquashOptions): Squashed {
  const { graph } = loader
  const { app } = options
  const last = graph.find(app, options.to)
  const own = graph.forwards(keyOf(app, last.name)).filter((each) => each.app === app)
  const first = options.from === undefined ? own[0]! : graph.find(app, options.from)
  const earlier = new Set(graph.forwards(keyOf(app, first.name)).filter((each) => each !== first))
  const parts = own.filter((each) => !earlier.has(each))
  if (!parts.includes(first) || parts.length < 2) {
    throw cannotSquash(
      parts.includes(first)
        ? `${keyOf(app, last.name)} stands alone`
        : `${first.name} does not come before ${last.name}`,
      'Name the last of at least two migrations, and the first if it is not the beginning.',
    )
  }
  const needed = new Set(graph.forwards(keyOf(app, last.name)))
  const from = loader.state((each) => needed.has(each) && !parts.includes(each))
  const operations = parts.flatMap((each) => each.operations).filter((each) => each.elidable !== true)
  const fewer = options.optimize === false ? operations : optimized(operations, app, from)
  const name = `${first.name.slice(0, 4)}_${options.name ?? `squashed_${last.name}`}`
  if (loader.files.some((each) => each.app === app && each.name === name)) {
    throw cannotSquash(`there is a migration ${name} already`, 'Give it another --name.')
  }
  const imports: Record<string, string> = {}
  const written: Writable = {
    dependencies: outside(parts, app),
    runBefore: parts.flatMap((each) => each.runBefore ?? []),
    replaces: parts.map((each) => [app, each.name] as const),
    ...atomicOf(parts),
    imports,
    operations: fewer.map((operation) => toWrite(operation, parts, imports)),
  }
  assertPossible(loader, { app, name, file: null, ...written, operations: fewer })
  const before = parts.reduce((sum, each) => sum + each.operations.length, 0)
  return { app, name, replaces: parts, written, counts: [before, fewer.length] }
}

/** One that may not be in a transaction decides for all; else one that must be. */
function atomicOf(parts: readonly Migration[]): Pick<Migration, 'atomic'> {
  const said = parts.map(({ atomic }) => atomic)
  return said.includes(false) ? { atomic: false } : said.includes(true) ? { atomic: true } : {}
}

function optimized(operations: readonly Operation[], app: string, from: ProjectState): readonly Operation[] {
  const reached = (list: readonly Operation[]) => list.reduce((now, each) => each.toState(now, app), from)
  const fewer = optimize(operations, { app, from })
  return differingModel(reached(fewer), reached(operations)) === null ? fewer : operations
}

/** What they depend on but one another. */
function outside(parts: readonly Migration[], app: string): Dependency[] {
  const names = new Set(parts.map((each) => each.name))
  const kept = new Map<string, Dependency>()
  for (const dependency of parts.flatMap((each) => each.dependencies ?? [])) {
    if (!isUserModel(dependency) && dependency[0] === app && names.has(dependency[1])) continue
    kept.set(JSON.stringify(isUserModel(dependency) ? 'user' : dependency), dependency)
  }
  return [...kept.values()]
}

/** Code stays in its file, which the new one imports. */
function toWrite(operation: Operation, parts: readonly Migration[], imports: Record<string, string>) {
  if (isWritable(operation)) return operation
  const holder = parts.find((each) => each.operations.includes(operation))!
  const module = `m${holder.name}`
  imports[module] = `./${basename(holder.file ?? `${holder.name}.ts`)}`
  return new Elsewhere(module, holder.operations.indexOf(operation))
}

/** Another app's migration may lie between two of them: then one cannot stand for both. */
function assertPossible(loader: MigrationLoader, made: Migration): void {
  try {
    const { graph } = new MigrationLoader(loader.project, [...loader.files, made])
    graph.forwards(keyOf(made.app, made.name)).reduce((state, each) => mutateState(each, state), loader.emptyState())
  } catch (cause) {
    if (!(cause instanceof MigrationError)) throw cause
    throw cannotSquash(
      cause.message.replace(/\.$/, ''),
      'Squash fewer: end before the migration that another app needs, and begin again after it.',
      cause,
    )
  }
}

function cannotSquash(reason: string, hint: string, cause?: unknown): MigrationError {
  return new MigrationError(`These migrations cannot become one: ${reason}.`, {
    code: 'migrations.cannot-squash',
    hint,
    cause,
  })
}
