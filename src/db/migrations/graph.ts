import { nearest } from '../../std/text.ts'
import { MigrationGraphError } from './errors.ts'
import { isUserModel, keyOf, type Migration } from './migration.ts'

interface Node {
  readonly migration: Migration
  readonly parents: Set<string>
  readonly children: Set<string>
}

/** Every migration of the project and what depends on what. Checked when made: nothing missing, no circle. */
export class MigrationGraph {
  readonly #nodes = new Map<string, Node>()
  readonly #order = new Map<string, number>()

  /**
   * @param userApp   app of the user model, what the dependency `userModel` stands for
   * @throws MigrationGraphError migrations.missing-dependency, migrations.circular-dependency
   */
  constructor(migrations: Iterable<Migration>, userApp: string | null = null) {
    const sorted = [...migrations].sort((a, b) => compare(a.app, b.app) || compare(a.name, b.name))
    for (const migration of sorted) {
      this.#nodes.set(keyOf(migration.app, migration.name), { migration, parents: new Set(), children: new Set() })
    }
    for (const [key, node] of this.#nodes) {
      for (const dependency of node.migration.dependencies ?? []) {
        if (isUserModel(dependency)) {
          if (userApp !== null && userApp !== node.migration.app) this.#link(key, this.#first(userApp, key))
        } else if (dependency[1] === 'first') this.#link(key, this.#first(dependency[0], key))
        else this.#link(key, this.#known(keyOf(...dependency), `${key} depends on`))
      }
      for (const later of node.migration.runBefore ?? []) {
        this.#link(this.#known(keyOf(...later), `${key} is to run before`), key)
      }
    }
    for (const key of this.#sort()) this.#order.set(key, this.#order.size)
  }

  #link(child: string, parent: string | null): void {
    if (parent === null) return // an app without migrations: its tables are not ours to wait for
    this.#nodes.get(child)!.parents.add(parent)
    this.#nodes.get(parent)!.children.add(child)
  }

  /** The key, of a migration that there is. @param said   who names it, and how: `a.0001 depends on` */
  #known(key: string, said: string): string {
    if (this.#nodes.has(key)) return key
    const near = nearest(key, [...this.#nodes.keys()])
    throw new MigrationGraphError(`Migration ${said} ${key}, which does not exist.`, {
      code: 'migrations.missing-dependency',
      hint: near
        ? `Did you mean ${near}? Correct the dependency, or bring the file back.`
        : `Is the app "${key.split('.')[0]}" in settings.apps, and its migrations folder complete?`,
    })
  }

  #first(app: string, asking: string): string | null {
    for (const [key, node] of this.#nodes) if (node.migration.app === app && key !== asking) return key
    return null
  }

  /** Parents first; among equals by app and name. Kahn (1962), O(V log V + E). */
  #sort(): string[] {
    const waiting = new Map<string, number>()
    for (const [key, node] of this.#nodes) waiting.set(key, node.parents.size)
    const order: string[] = []
    const visit = (key: string) => {
      order.push(key)
      for (const child of [...this.#nodes.get(key)!.children].sort(compare)) {
        const left = waiting.get(child)! - 1
        waiting.set(child, left)
        if (left === 0) ready.push(child)
      }
    }
    const ready = [...waiting].filter(([, count]) => count === 0).map(([key]) => key)
    for (let next = ready.shift(); next !== undefined; next = ready.shift()) visit(next)
    if (order.length < this.#nodes.size) this.#explainCircle(new Set(order))
    return order
  }

  #explainCircle(done: ReadonlySet<string>): never {
    const start = [...this.#nodes.keys()].find((key) => !done.has(key))!
    const path: string[] = []
    let key = start
    while (!path.includes(key)) {
      path.push(key)
      key = [...this.#nodes.get(key)!.parents].find((parent) => !done.has(parent))!
    }
    const circle = [...path.slice(path.indexOf(key)), key]
    throw new MigrationGraphError(`Migrations depend on one another in a circle: ${circle.join(' → ')}.`, {
      code: 'migrations.circular-dependency',
      hint: 'Move the foreign key that closes the circle into a migration of its own, after the others.',
    })
  }

  has(key: string): boolean {
    return this.#nodes.has(key)
  }

  /** Every migration, parents first. */
  all(): Migration[] {
    return [...this.#order.keys()].map((key) => this.#nodes.get(key)!.migration)
  }

  apps(): string[] {
    return [...new Set([...this.#nodes.values()].map((node) => node.migration.app))]
  }

  /** Migrations of one app, in order. */
  ofApp(app: string): Migration[] {
    return this.all().filter((migration) => migration.app === app)
  }

  parents(key: string): string[] {
    return this.#sorted(this.#nodes.get(key)?.parents ?? [])
  }

  children(key: string): string[] {
    return this.#sorted(this.#nodes.get(key)?.children ?? [])
  }

  /** Migrations of an app that no other of the same app follows. More than one: a conflict. */
  leaves(app: string): Migration[] {
    return this.ofApp(app).filter((migration) =>
      [...this.#nodes.get(keyOf(app, migration.name))!.children].every(
        (child) => this.#nodes.get(child)!.migration.app !== app,
      ),
    )
  }

  /** Apps with several leaves, by app. */
  conflicts(): Map<string, Migration[]> {
    const found = new Map<string, Migration[]>()
    for (const app of this.apps()) {
      const leaves = this.leaves(app)
      if (leaves.length > 1) found.set(app, leaves)
    }
    return found
  }

  /** What must be applied for `key`, itself last. */
  forwards(key: string): Migration[] {
    return this.#closure(key, (node) => node.parents)
  }

  /** What must be unapplied before `key` may be, and itself: in the order of unapplying. */
  backwards(key: string): Migration[] {
    return this.#closure(key, (node) => node.children).reverse()
  }

  #closure(key: string, next: (node: Node) => ReadonlySet<string>): Migration[] {
    if (!this.#nodes.has(key)) throw this.unknown(...(key.split('.', 2) as [string, string]))
    const seen = new Set<string>([key])
    for (const current of seen) for (const other of next(this.#nodes.get(current)!)) seen.add(other)
    return this.#sorted(seen).map((found) => this.#nodes.get(found)!.migration)
  }

  #sorted(keys: Iterable<string>): string[] {
    return [...keys].sort((a, b) => this.#order.get(a)! - this.#order.get(b)!)
  }

  /**
   * Finds a migration by app and the beginning of its name.
   * @throws MigrationGraphError migrations.unknown-migration, migrations.ambiguous-name
   */
  find(app: string, prefix: string): Migration {
    const own = this.ofApp(app)
    const exact = own.find((migration) => migration.name === prefix)
    const found = exact ? [exact] : own.filter((migration) => migration.name.startsWith(prefix))
    if (found.length === 1) return found[0]!
    if (found.length === 0) throw this.unknown(app, prefix)
    throw new MigrationGraphError(`"${prefix}" is the beginning of several migrations of ${app}.`, {
      code: 'migrations.ambiguous-name',
      hint: `Name one: ${listed(found.map((migration) => migration.name))}.`,
    })
  }

  /** What is told of a migration that an app has not, or of any where it has none. */
  unknown(app: string, name?: string): MigrationGraphError {
    const names = this.ofApp(app).map((migration) => migration.name)
    if (names.length === 0 || name === undefined) return this.none(app)
    return new MigrationGraphError(`${app} has no migration "${name}".`, {
      code: 'migrations.unknown-migration',
      hint: similar(app, name, names),
    })
  }

  /** What is told of an app without migrations. */
  none(app: string): MigrationGraphError {
    return new MigrationGraphError(`${app} has no migrations.`, {
      code: 'migrations.unknown-migration',
      hint: `Run makemigrations ${app}, if it has models.`,
    })
  }
}

/** As many names as a person reads. */
const FEW = 5

function listed(names: readonly string[]): string {
  const more = names.length - FEW
  return more > 1 ? `${names.slice(0, FEW).join(', ')} and ${more} more` : names.join(', ')
}

/** What may have been meant: a short history as a whole, else names that hold the text, or begin much as it does. */
function similar(app: string, text: string, names: readonly string[]): string {
  if (names.length <= FEW) return `Migrations of ${app}: ${names.join(', ')}; or zero.`
  const beginning = nearest(text, new Set(names.flatMap((name) => [name, name.slice(0, text.length)])))
  const near = [
    names.filter((name) => name.toLowerCase().includes(text.toLowerCase())),
    names.filter((name) => beginning !== null && name.startsWith(beginning)),
  ].find((each) => each.length > 0)
  const meant = near === undefined ? '' : `Did you mean ${listed(near)}? `
  return `${meant}The last is ${names.at(-1)}; zero undoes all. showmigrations ${app} lists all ${names.length}.`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
