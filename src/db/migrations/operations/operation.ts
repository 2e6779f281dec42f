/**
 * What every operation is: a change to the state (plain data) and the same change to the database. Tables are never
 * altered by hand: an operation says what was renamed and what new columns are filled with, and the difference between
 * the two states does the rest, forwards and backwards.
 */
import type { AnyModel } from '../../models/meta.ts'
import type { Vendor } from '../../sql/nodes.ts'
import type { ProjectState } from '../state.ts'

/** What a pair of states does not tell by itself. */
export interface SchemaChange {
  /** Old label → new label. */
  readonly renamedModels?: Readonly<Record<string, string>>
  /** By label after the change: old field name → new field name. */
  readonly renamedFields?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** By label after the change: values for rows that have none, by field name. */
  readonly fill?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Going back: a not-null column that returns without a value is filled with an empty one. */
  readonly restoring?: boolean
  /**
   * In the form that lets others read and write meanwhile, where the database has one: `whole`, or without looking at
   * rows that are there (`unchecked`). It takes several transactions.
   */
  readonly online?: 'whole' | 'unchecked'
}

/** What code in a migration works with. */
export interface CodeContext<M = never> {
  /** The models as they are at this point of the history: their columns, not their methods. */
  readonly models: [M] extends [never] ? HistoricalModels : TypedModels<M>
  /** Alias of the database being migrated; queries of `models` go there by themselves. */
  readonly alias: string
}
/** The models as they were at a migration, by label: `models` of its code. */
export interface HistoricalModels {
  /** `models.get('library.Book')`; within its own app also `models.get('Book')`. @throws MigrationStateError migrations.unknown-model */
  get(label: string): AnyModel
}
/** The same with types: `M` is the interface `Models` that `makemigrations --data` writes beside the file. */
export interface TypedModels<M> {
  get<L extends keyof M & string>(label: L): M[L]
}
/** A function that `runCode()` runs while migrating, forwards or backwards. */
export type MigrationCode<M = never> = (context: CodeContext<M>) => void | Promise<void>

/** Where operations act: on a database, or on a list of statements for `sqlmigrate`. */
export interface MigrationRun {
  readonly alias: string
  /** Whose SQL the database speaks. */
  readonly vendor: Vendor
  /** Whether the migration is one transaction; else each change of tables is, and may take the form that locks least. */
  readonly atomic: boolean
  /** Whether routers let SQL and code of an app act on this database. */
  allows(app: string, hints?: Readonly<Record<string, unknown>>): boolean
  /** Alters tables from one state to the other. */
  transform(from: ProjectState, to: ProjectState, change: SchemaChange): Promise<void>
  /** Writes what one column holds into another that is null: at once, or in batches where the migration is no transaction. */
  copyColumn(state: ProjectState, label: string, from: string, to: string): Promise<void>
  /** Runs statements; with `values`, one whose placeholders stand for them. */
  sql(text: string, values?: readonly unknown[]): Promise<void>
  code(fn: MigrationCode, state: ProjectState, app: string): Promise<void>
}

/** One step of one operation. Going backwards, `from` is the state with the operation and `to` the one without. */
export interface OperationStep {
  readonly app: string
  readonly from: ProjectState
  readonly to: ProjectState
  readonly run: MigrationRun
}

/** One step of a migration. Files make them by functions (`addField()`); a project may write its own. */
export interface Operation {
  /** Name of the function that made it: `addField`. */
  readonly type: string
  /** What that function was called with; the writer prints it. */
  readonly args: readonly unknown[]
  /** Its part of an automatic file name: `book_pages`; null when it has none. */
  readonly fragment: string | null
  readonly reversible: boolean
  /** Left out when migrations are squashed: what it did is done wherever it mattered. */
  readonly elidable?: boolean
  /** It cannot be part of a transaction on this database: its migration says `atomic: false`. */
  readonly apart?: Vendor
  /** Why the linter says nothing of it; see {@link reviewed}. */
  readonly reviewed?: string
  /** One line for people: "Add field pages to Book". */
  describe(): string
  toState(state: ProjectState, app: string): ProjectState
  forwards(step: OperationStep): Promise<void>
  backwards(step: OperationStep): Promise<void>
}

/** Arguments as called, without undefined ones and empty options at the end. */
export function calledWith(...args: readonly unknown[]): readonly unknown[] {
  const kept = [...args]
  while (kept.length > 0 && isNothing(kept.at(-1))) kept.pop()
  return kept
}

function isNothing(value: unknown): boolean {
  if (value === undefined) return true
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return false
  return Reflect.ownKeys(value).every((key) => (value as Record<PropertyKey, unknown>)[key] === undefined)
}

/** The database half of an operation whose tables follow from its states. */
export function bySchema(
  change: (app: string) => SchemaChange = () => ({}),
): Pick<Operation, 'forwards' | 'backwards' | 'reversible'> {
  return {
    reversible: true,
    forwards: ({ app, from, to, run }) => run.transform(from, to, change(app)),
    backwards: ({ app, from, to, run }) => run.transform(from, to, inverse(change(app))),
  }
}

/** The database half of an operation that no table notices. */
export const stateOnly: Pick<Operation, 'forwards' | 'backwards' | 'reversible'> = {
  reversible: true,
  forwards: async () => {},
  backwards: async () => {},
}

function inverse(change: SchemaChange): SchemaChange {
  const back: Record<string, string> = {}
  for (const [old, renamed] of Object.entries(change.renamedModels ?? {})) back[renamed] = old
  const renamedFields: Record<string, Record<string, string>> = {}
  for (const [label, names] of Object.entries(change.renamedFields ?? {})) {
    renamedFields[back[label] ?? label] = Object.fromEntries(Object.entries(names).map(([from, to]) => [to, from]))
  }
  return { renamedModels: back, renamedFields, restoring: true, ...(change.online && { online: change.online }) }
}
