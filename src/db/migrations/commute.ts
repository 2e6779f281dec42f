/**
 * Whether two branches of one app may be applied in either order: no operation of one touches what an operation of the
 * other changes. Says which two meet, and where.
 */
import { clash, type Footprint, footprint, type Touched } from './footprint.ts'
import { applyToState, type Migration } from './migration.ts'
import type { Operation } from './operations/operation.ts'
import type { ProjectState } from './state.ts'

interface Placed {
  readonly migration: Migration
  readonly operation: Operation
  /** Null for SQL, code and operations of a project's own. */
  readonly touched: Footprint | null
}

/**
 * Why two branches do not commute, as a sentence; null where they do.
 * @param start   the state in which both begin
 */
export function whyNotCommuting(
  left: readonly Migration[],
  right: readonly Migration[],
  start: ProjectState,
): string | null {
  const [ours, theirs] = [place(left, start), place(right, start)]
  for (const one of ours) {
    for (const other of theirs) {
      const reason = whyNot(one, other)
      if (reason !== null) return reason
    }
  }
  return null
}

function place(branch: readonly Migration[], start: ProjectState): Placed[] {
  let state = start
  return branch.flatMap((migration) =>
    migration.operations.map((operation) => {
      const touched = footprint(operation, migration.app, state)
      state = applyToState(migration, operation, state)
      return { migration, operation, touched }
    }),
  )
}

/** What only adds is in nobody's way: SQL and code that were written without it run with it. */
const ADDS: ReadonlySet<string> = new Set([
  'createModel',
  'addField',
  'addIndex',
  'createExtension',
  'runCode',
  'runSql',
])

function whyNot(one: Placed, other: Placed): string | null {
  const both = `${said(one)} and ${said(other)}`
  if (one.touched !== null && other.touched !== null) {
    const met = clash(one.touched, other.touched)
    return met === null ? null : `${both} both touch ${named(met)}.`
  }
  for (const [opaque, known] of [
    [one, other],
    [other, one],
  ] as const) {
    if (opaque.touched === null && !ADDS.has(known.operation.type) && !isHarmless(opaque.operation)) {
      return `${both} may touch the same: what the first reads and writes is known to nobody.`.replace(
        'the first',
        `"${opaque.operation.describe()}"`,
      )
    }
  }
  return null
}

/** An extension is in nobody's way. */
const isHarmless = (operation: Operation) => operation.type === 'createExtension'

function said({ migration, operation }: Placed): string {
  return `"${operation.describe()}" (${migration.app}.${migration.name})`
}

function named({ kind, label, name }: Touched): string {
  if (kind === 'name') return name.startsWith('table ') ? `the ${name}` : `the name ${name}`
  if (kind === 'column') return `the column ${name} of ${label}`
  return kind === 'field' && name !== '*' ? `${label}.${name}` : label
}
