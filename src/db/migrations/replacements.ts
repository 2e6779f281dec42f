/**
 * Squashed migrations: which files count for a database. A squashed one stands for those it replaces where all of them
 * are applied, or none; where some are, they go on counting and the squashed one waits. A squashed one may itself be
 * replaced. After `build_graph` of django/db/migrations/loader.py.
 */
import { MigrationGraphError } from './errors.ts'
import { type Dependency, isUserModel, keyOf, type Migration } from './migration.ts'

/** Whether a migration stands for others. */
export function isSquashed(migration: Migration): boolean {
  return (migration.replaces ?? []).length > 0
}

const keyOfMigration = ({ app, name }: Migration) => keyOf(app, name)

/** Keys of the migrations that one stands for in the end: of a squashed one among them, those that it replaces. */
export function replacedBy(migration: Migration, all: readonly Migration[]): string[] {
  const known = new Map(all.map((each) => [keyOfMigration(each), each]))
  const found: string[] = []
  const visit = (each: Migration, open: ReadonlySet<string>) => {
    for (const replaced of each.replaces ?? []) {
      const key = keyOf(...replaced)
      const inner = known.get(key)
      if (inner !== undefined && isSquashed(inner) && !open.has(key)) visit(inner, new Set([...open, key]))
      else found.push(key)
    }
  }
  visit(migration, new Set([keyOfMigration(migration)]))
  return [...new Set(found)]
}

/** What is applied, and with it every squashed migration all of whose parts are. */
export function withSquashed(all: readonly Migration[], applied: ReadonlySet<string>): Set<string> {
  const more = all
    .filter((each) => isSquashed(each) && replacedBy(each, all).every((key) => applied.has(key)))
    .map(keyOfMigration)
  return new Set([...applied, ...more])
}

/**
 * The migrations that count, with dependencies on the others turned to them.
 * @param applied   keys as recorded; `'unsquashed'` for the files before squashing
 * @throws MigrationGraphError migrations.squash-incomplete where some parts are applied and the files of others are gone;
 * migrations.circular-dependency where squashed ones replace one another
 */
export function resolveReplacements(
  all: readonly Migration[],
  applied: ReadonlySet<string> | 'unsquashed' = new Set(),
): readonly Migration[] {
  const squashed = all.filter(isSquashed)
  if (squashed.length === 0) return all
  const known = new Set(all.map(keyOfMigration))
  const gone = new Map<string, string>()
  // Inner ones first: what they became may be replaced once more.
  const depth = (each: Migration, outer: readonly string[] = []): number => {
    const own = keyOfMigration(each)
    if (outer.includes(own)) throw circular([...outer.slice(outer.indexOf(own)), own])
    const inner = squashed.filter((other) =>
      (each.replaces ?? []).some((key) => keyOf(...key) === keyOfMigration(other)),
    )
    return inner.includes(each) ? 0 : 1 + Math.max(0, ...inner.map((one) => depth(one, [...outer, own])))
  }
  for (const each of [...squashed].sort((a, b) => depth(a) - depth(b))) {
    const key = keyOfMigration(each)
    const parts = (each.replaces ?? []).map((part) => keyOf(...part))
    if (counts(each, all, applied)) {
      // Those without a file, too: others may still name them.
      for (const part of parts) gone.set(part, key)
    } else {
      const missing = parts.filter((part) => !known.has(part))
      if (missing.length > 0) throw incomplete(key, missing)
      gone.set(key, parts.at(-1)!)
    }
  }
  const lastOf = (key: string): string => {
    let now = key
    const seen = new Set<string>()
    while (gone.has(now) && !seen.has(now)) {
      seen.add(now)
      now = gone.get(now)!
    }
    return now
  }
  const turned = (list: readonly Dependency[], own: string) => {
    const kept = new Map<string, Dependency>()
    for (const each of list) {
      const isName = isUserModel(each) || each[1] === 'first'
      const to = isName ? null : lastOf(keyOf(...each))
      if (to === own) continue
      kept.set(to ?? JSON.stringify(each), to === null ? each : (to.split('.', 2) as [string, string]))
    }
    return [...kept.values()]
  }
  return all
    .filter((each) => !gone.has(keyOfMigration(each)))
    .map((each) => {
      const own = keyOfMigration(each)
      // Only names go in, and none but names comes out.
      const runBefore = turned(each.runBefore ?? [], own) as readonly (readonly [app: string, name: string])[]
      return { ...each, dependencies: turned(each.dependencies ?? [], own), runBefore }
    })
}

function counts(each: Migration, all: readonly Migration[], applied: ReadonlySet<string> | 'unsquashed'): boolean {
  if (applied === 'unsquashed') return false
  const parts = replacedBy(each, all)
  const done = parts.filter((part) => applied.has(part)).length
  return done === 0 || done === parts.length || applied.has(keyOfMigration(each))
}

function circular(keys: readonly string[]): MigrationGraphError {
  return new MigrationGraphError(`Squashed migrations replace one another in a circle: ${keys.join(' → ')}.`, {
    code: 'migrations.circular-dependency',
    hint: 'Take the wrong name out of `replaces` of one of these files.',
  })
}

function incomplete(key: string, missing: readonly string[]): MigrationGraphError {
  return new MigrationGraphError(
    `${key} replaces migrations of which this database has applied some, and ${missing.join(', ')} has no file.`,
    {
      code: 'migrations.squash-incomplete',
      hint: 'Bring the files back and migrate; remove them when every database has applied all of them.',
    },
  )
}
