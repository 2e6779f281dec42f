/** Runs a case as its user would: models, `makemigrations`, the files it writes, `migrate`, and back. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { callCommand, captureOutput } from '../../../src/cli/index.ts'
import type { CommandProject } from '../../../src/db/commands/changes.ts'
import makemigrations from '../../../src/db/commands/makemigrations.ts'
import {
  type MigrateTarget,
  MigrationExecutor,
  MigrationLoader,
  migrationDatabase,
} from '../../../src/db/migrations/internal.ts'
import { keyOf, type Migration } from '../../../src/db/migrations/migration.ts'
import type { Project } from '../../../src/project/index.ts'
import { NuagesError } from '../../../src/std/errors.ts'
import { differentRows, differentTables, insertRows, readTables } from './facts.ts'
import type { AnswersCase, ChangeCase, MigrationCase, StateCase, Written } from './format.ts'
import { projectOf } from './models.ts'

/** null when everything the case says holds, and what holds for every case; else what does not. The database is empty. */
export async function runCase(given: MigrationCase, engine: string): Promise<string | null> {
  // Below this folder, so that the files find `nuages/db/migrations`.
  const root = mkdtempSync(join(import.meta.dirname, '.project-'))
  try {
    await new CaseRun(given, engine, root).run()
    return null
  } catch (error) {
    if (error instanceof Wrong) return error.message
    throw error
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** What does not hold. */
class Wrong extends Error {}

function must(wrong: string | null): void {
  if (wrong !== null) throw new Wrong(wrong)
}

class CaseRun {
  readonly #case: MigrationCase
  readonly #engine: string
  #root: string
  readonly #apps: readonly string[]
  /** What each branch added: app and name. */
  readonly #sides: (readonly [app: string, name: string])[][] = []

  constructor(given: MigrationCase, engine: string, root: string) {
    this.#case = given
    this.#engine = engine
    this.#root = root
    const states = [given.before ?? {}, given.after, ...(given.then ?? []).map(({ after }) => after)]
    for (const branch of given.branches ?? []) states.push(branch.after)
    const labels = states.flatMap((state) => Object.keys(state ?? {}))
    this.#apps = [...new Set(labels.map((label) => label.split('.')[0]!))]
  }

  async run(): Promise<void> {
    const { before = {}, rows, expect = {}, back = {} } = this.#case
    const { error } = expect
    await this.#make(before)
    const start = await this.#leaves()
    await this.#migrate()
    if (rows) await insertRows(rows)
    const schemaBefore = await this.#schema()

    const last = await this.#failing('detect', () => this.#changes(before))
    if (last === null) return
    if ((await this.#failing('migrate', () => this.#migrate())) === null) {
      // What is in no transaction stops where it is; elsewhere nothing of it stays.
      if (this.#engine !== 'mysql') must(same('tables after the failure', await this.#schema(), schemaBefore))
      return
    }
    must(await differentTables(expect.tables ?? {}, this.#engine))
    must(await differentRows(expect.rows ?? {}))
    await this.#isSettled(last)
    const schemaAfter = await this.#schema()

    if ((await this.#failing('back', () => this.#backTo(start))) === null) return
    if (error) throw new Wrong(`no error ${error.code} at ${error.at}`)
    must(same('tables after going back', await this.#schema(), schemaBefore))
    must(await differentTables(back.tables ?? {}, this.#engine))
    must(await differentRows(back.rows ?? {}))
    await this.#migrate()
    must(same('tables after going forward once more', await this.#schema(), schemaAfter))
    await this.#backTo([])
    must(same('tables after going to zero', await this.#schema(), []))
    for (const [side, added] of this.#sides.entries()) {
      for (const [app, name] of added) await this.#migrate({ app, name })
      await this.#migrate()
      must(same(`tables where branch ${side + 1} came first`, await this.#schema(), schemaAfter))
      await this.#backTo([])
    }
    await this.#migrate()
    must(same('tables made from zero', await this.#schema(), schemaAfter))
  }

  /** Writes the migrations of the case's changes, and compares their operations. Gives the models at the end. */
  async #changes(before: StateCase): Promise<StateCase | null> {
    const { branches = [], then = [] } = this.#case
    const start = await this.#names()
    if (branches.length > 0) {
      const merged = await this.#failing('merge', async () => {
        await this.#branch(branches, start)
        return true
      })
      if (merged === null) return null
    }
    let state = branches.length > 0 ? this.#case.after : before
    for (const change of branches.length > 0 ? then : [this.#case, ...then]) {
      await this.#change(change)
      state = change.after
    }
    return state
  }

  async #change(change: ChangeCase): Promise<void> {
    const old = await this.#names()
    await this.#make(change.after, change.answers)
    const written = (await this.#load()).graph.all()
    must(
      differentOperations(
        change,
        written.filter(({ app, name }) => !old.has(keyOf(app, name))),
      ),
    )
  }

  /** Makes each branch in a copy of the project, brings the files together as git would, and joins them. */
  async #branch(branches: readonly ChangeCase[], start: ReadonlySet<string>): Promise<void> {
    const trunk = this.#root
    const joined = join(trunk, 'joined')
    copyApps(trunk, joined, this.#apps)
    for (const [side, branch] of branches.entries()) {
      this.#root = join(trunk, `branch-${side}`)
      copyApps(trunk, this.#root, this.#apps)
      await this.#change(branch)
      const added = (await this.#load()).graph.all().filter(({ app, name }) => !start.has(keyOf(app, name)))
      // Two people may choose one name: git would tell them, and one would choose another.
      const taken = added.filter(({ app, name }) => existsSync(join(joined, app, 'migrations', `${name}.ts`)))
      for (const { app, name, file } of added) {
        const renamed = (text: string) =>
          taken.reduce((now, other) => now.replaceAll(`'${other.name}'`, `'${other.name}_${side}'`), text)
        const own = taken.some((each) => each.app === app && each.name === name) ? `${name}_${side}` : name
        mkdirSync(join(joined, app, 'migrations'), { recursive: true })
        writeFileSync(join(joined, app, 'migrations', `${own}.ts`), renamed(readFileSync(file!, 'utf8')))
      }
      this.#sides.push(
        added.map(({ app, name }) => [
          app,
          taken.some((each) => each.app === app && each.name === name) ? `${name}_${side}` : name,
        ]),
      )
    }
    this.#root = joined
    await callCommand(makemigrations, {
      options: { merge: true, noInput: true },
      out: captureOutput(),
      project: this.#project({}) as Project, // the command reads no more of it
    })
  }

  /** Does something that the case may say fails here; null when it did as said. */
  async #failing<T>(at: string, work: () => Promise<T>): Promise<T | null> {
    const { error } = this.#case.expect ?? {}
    try {
      return await work()
    } catch (thrown) {
      if (thrown instanceof Wrong) throw thrown
      const code = thrown instanceof NuagesError ? thrown.code : undefined
      if (error?.at === at && error.code === code) return null
      const { message } = thrown as Error
      throw new Wrong(`${at} fails${code ? ` with ${code}` : ''}: ${message}`, { cause: thrown })
    }
  }

  #project(state: StateCase): CommandProject {
    return projectOf(this.#root, this.#apps, state)
  }

  async #make(
    state: StateCase,
    { renames = {}, noRenames = false, defaults = {}, drop = [] }: AnswersCase = {},
  ): Promise<void> {
    const out = captureOutput()
    await callCommand(makemigrations, {
      options: {
        rename: Object.entries(renames).map(([from, to]) => `${from}:${to}`),
        default: Object.entries(defaults).map(([field, value]) => `${field}=${value}`),
        noRenames,
        drop: [...drop],
        noInput: true,
      },
      out,
      project: this.#project(state) as Project, // the command reads no more of it
    })
  }

  async #names(): Promise<Set<string>> {
    return new Set((await this.#load()).graph.all().map(({ app, name }) => keyOf(app, name)))
  }

  #load(): Promise<MigrationLoader> {
    const { apps, user } = { apps: this.#project({}).apps.apps, user: null }
    return MigrationLoader.load({ apps, user })
  }

  async #executor(): Promise<MigrationExecutor> {
    return new MigrationExecutor(await this.#load(), migrationDatabase('default'))
  }

  async #migrate(target: MigrateTarget = {}): Promise<void> {
    const executor = await this.#executor()
    await executor.migrate(await executor.plan(target))
  }

  /** The last migrations of every app. */
  async #leaves(): Promise<Migration[]> {
    const { graph } = await this.#load()
    return this.#apps.flatMap((app) => graph.leaves(app))
  }

  /** Undoes everything after these migrations. */
  async #backTo(leaves: readonly Migration[]): Promise<void> {
    for (const app of this.#apps) {
      const executor = await this.#executor()
      const name = leaves.find((leaf) => leaf.app === app)?.name ?? 'zero'
      await executor.migrate(await executor.plan({ app, name }))
    }
    const kept = new Set(leaves.map(({ app, name }) => keyOf(app, name)))
    const applied = [...(await (await this.#executor()).recorder.applied())]
    for (const leaf of kept) if (!applied.includes(leaf)) throw new Wrong(`going back undid ${leaf}`)
  }

  /** The models are what the migrations say: nothing more is found. */
  async #isSettled(state: StateCase): Promise<void> {
    const out = captureOutput()
    const code = await callCommand(makemigrations, {
      options: { check: true, noInput: true },
      out,
      project: this.#project(state) as Project,
    })
    if (code !== 0) throw new Wrong(`makemigrations finds more to do:\n${out.text}`)
  }

  /** The schema without the order of columns, which differs by history. */
  async #schema(): Promise<unknown[]> {
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
    return [...(await readTables()).values()].sort(byName).map((table) => ({
      ...table,
      columns: [...table.columns].sort(byName),
      indexes: [...table.indexes].sort(byName),
      uniques: [...table.uniques].sort(byName),
      checks: [...table.checks].sort(byName),
      triggers: [...table.triggers].sort(byName),
    }))
  }
}

/** Whether the operations written are those of the change; an operation may be named with fewer arguments than it has. */
function differentOperations({ operations }: ChangeCase, written: readonly Migration[]): string | null {
  if (operations === undefined) return null
  const given: readonly [string | null, readonly Written[]][] = Array.isArray(operations)
    ? [[null, operations]]
    : Object.entries(operations as Readonly<Record<string, readonly Written[]>>)
  const apps = new Set(written.map(({ app }) => app))
  for (const app of given.length === 1 && given[0]![0] === null ? [] : apps)
    if (!given.some(([name]) => name === app)) return `migrations of ${app} were written`
  for (const [app, wanted] of given) {
    const own = written.filter((each) => app === null || each.app === app).flatMap((each) => each.operations)
    const calls = own.map(({ type, args }) => [type, ...args])
    const fits =
      calls.length === wanted.length &&
      wanted.every((words, i) => words.every((word, j) => JSON.stringify(word) === JSON.stringify(calls[i]![j])))
    if (!fits) {
      const told = calls.map((call) => JSON.stringify(call.filter((word) => typeof word === 'string')))
      return `operations${app === null ? '' : ` of ${app}`}: ${told.join(', ') || 'none'}, not ${wanted.map((words) => JSON.stringify(words)).join(', ') || 'none'}`
    }
  }
  return null
}

function copyApps(from: string, to: string, apps: readonly string[]): void {
  for (const app of apps) if (existsSync(join(from, app))) cpSync(join(from, app), join(to, app), { recursive: true })
}

function same(what: string, own: unknown, wanted: unknown): string | null {
  const show = (value: unknown) => JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part))
  return show(own) === show(wanted) ? null : `${what}: ${show(own)}, not ${show(wanted)}`
}
