/**
 * From operations in any order to migrations: each operation says what it provides and requires, as words
 * (`model:library.Book`, `-field:library.Book.title`); sorting and splitting read nothing else.
 */
import type { DetectOptions } from './detect/detection.ts'
import { MigrationGraphError } from './errors.ts'
import { isKnown } from './footprint.ts'
import type { MigrationGraph } from './graph.ts'
import { type Dependency, isUserModel, keyOf } from './migration.ts'
import { nextNumber, suggestName } from './naming.ts'
import { createModel } from './operations/models.ts'
import type { Operation } from './operations/operation.ts'
import { optimize } from './optimizer.ts'
import type { ModelState, ProjectState } from './state.ts'
import { userModel } from './values.ts'
import { appOf, type Draft } from './words.ts'

/** A migration not written yet. */
export interface DraftMigration {
  readonly app: string
  readonly name: string
  readonly dependencies: readonly Dependency[]
  readonly operations: readonly Operation[]
  readonly atomic?: boolean
}

interface Group {
  readonly app: string
  readonly drafts: readonly Draft[]
  readonly needs: Set<Group>
  readonly existing: Set<string>
  readonly user: boolean
}

/** Sorts, splits, optimizes and names. */
export function draftMigrations(drafts: readonly Draft[], options: DetectOptions): DraftMigration[] {
  return name(trim(group(drafts, options), options.apps), options)
}

/** Each draft after those of its own app that provide what it requires; otherwise in the order given. */
function inOrder(drafts: readonly Draft[]): Draft[] {
  const providers = new Map<string, Draft>()
  for (const draft of drafts) for (const word of draft.provides) providers.set(word, draft)
  const done = new Set<Draft>()
  const open = new Set<Draft>()
  const visit = (draft: Draft) => {
    if (done.has(draft) || open.has(draft)) return
    open.add(draft)
    for (const word of draft.requires) {
      const provider = providers.get(word)
      if (provider !== undefined) visit(provider)
    }
    done.add(draft)
  }
  for (const draft of drafts) visit(draft)
  return [...done]
}

/**
 * Takes an app's operations as one migration when all they require of other apps is there; when no app can go on,
 * takes the longest beginning that can; then, past Django's `_build_migration_list`, what is new and waits for nothing.
 */
function group(drafts: readonly Draft[], options: DetectOptions): Group[] {
  const waiting = new Map<string, Draft[]>()
  for (const app of new Set(drafts.map((draft) => draft.app))) {
    waiting.set(app, inOrder(drafts.filter((draft) => draft.app === app)))
  }
  const provided = new Map<string, Group>()
  const groups: Group[] = []
  let chop: 'nothing' | 'end' | 'between' = 'nothing'
  while (waiting.size > 0) {
    let progress = false
    for (const [app, list] of waiting) {
      const pending = new Set(
        [...waiting]
          .filter(([other]) => other !== app)
          .flatMap(([, l]) => l)
          .flatMap((d) => d.provides),
      )
      const blocked = list.findIndex((draft) => draft.requires.some((word) => appOf(word) !== app && pending.has(word)))
      const taken =
        blocked < 0
          ? list
          : chop === 'nothing'
            ? []
            : chop === 'end'
              ? list.slice(0, blocked)
              : free(list, (word) => appOf(word) !== app && pending.has(word))
      if (taken.length === 0) continue
      const made = groupOf(app, taken, provided, options)
      groups.push(made)
      for (const draft of taken) for (const word of draft.provides) provided.set(word, made)
      if (taken.length === list.length) waiting.delete(app)
      else
        waiting.set(
          app,
          list.filter((draft) => !taken.includes(draft)),
        )
      progress = true
      if (chop !== 'nothing') break // one cut may be enough: try whole apps again
    }
    if (!progress && chop === 'between') {
      const apps = [...waiting.keys()].join(', ')
      throw new MigrationGraphError(`The changes of ${apps} wait for one another.`, {
        code: 'migrations.circular-changes',
        hint: 'Make the migrations in two steps: first without one of the relations between these apps.',
      })
    }
    chop = progress ? 'nothing' : chop === 'nothing' ? 'end' : 'between'
  }
  return groups
}

/** New models and fields that need nothing of what is left: what comes before them in the list is in nobody's way. */
function free(list: readonly Draft[], isPending: (word: string) => boolean): Draft[] {
  const left = new Set<string>()
  return list.filter((draft) => {
    const isNew = draft.operation.type === 'createModel' || draft.operation.type === 'addField'
    if (isNew && !draft.requires.some((word) => isPending(word) || left.has(word))) return true
    for (const word of draft.provides) left.add(word)
    return false
  })
}

function groupOf(
  app: string,
  drafts: readonly Draft[],
  provided: ReadonlyMap<string, Group>,
  options: DetectOptions,
): Group {
  const needs = new Set<Group>()
  const existing = new Set<string>()
  for (const word of drafts.flatMap((draft) => draft.requires)) {
    const other = appOf(word)
    if (other === app) continue
    const provider = provided.get(word)
    if (provider !== undefined) needs.add(provider)
    else if (options.graph.leaves(other).length > 0) existing.add(other)
  }
  return { app, drafts, needs, existing, user: drafts.some((draft) => draft.user) }
}

function trim(groups: readonly Group[], apps: readonly string[] | undefined): Group[] {
  if (apps === undefined) return [...groups]
  const kept = new Set<Group>()
  const keep = (one: Group) => {
    if (kept.has(one)) return
    kept.add(one)
    for (const earlier of groups) {
      if (earlier === one) break
      if (earlier.app === one.app) keep(earlier)
    }
    for (const need of one.needs) keep(need)
  }
  for (const one of groups) if (apps.includes(one.app)) keep(one)
  return groups.filter((one) => kept.has(one))
}

function name(groups: readonly Group[], options: DetectOptions): DraftMigration[] {
  const { graph, to } = options
  const made = new Map<Group, DraftMigration>()
  const fresh = new Set<string>()
  let state = options.from
  for (const one of groups) {
    const earlier = [...made.values()].filter((draft) => draft.app === one.app)
    const names = [...graph.ofApp(one.app), ...earlier].map((migration) => migration.name)
    if (graph.ofApp(one.app).length === 0) fresh.add(one.app)
    const all = one.drafts.map(({ operation }) => operation)
    const operations = optimize(all, { app: one.app, from: state }).map((each) => asDeclared(each, one.app, to))
    state = all.reduce((now, operation) => operation.toState(now, one.app), state)
    const own = earlier.at(-1)?.name ?? graph.leaves(one.app)[0]?.name
    const userApp = to.user?.split('.')[0]
    const dependencies: Dependency[] = []
    if (one.user && userApp !== one.app) dependencies.push(userModel)
    if (own !== undefined) dependencies.push([one.app, own])
    for (const need of one.needs) if (need.app !== one.app) dependencies.push([need.app, made.get(need)!.name])
    for (const app of one.existing) dependencies.push([app, graph.leaves(app)[0]!.name])
    const suffix = options.name ?? suggestName(operations, fresh.has(one.app))
    made.set(one, {
      app: one.app,
      name: `${nextNumber(names)}_${suffix}`,
      dependencies: tidy(dependencies, one, hasMoved(graph, userApp) ? undefined : userApp),
      operations,
    })
  }
  return [...made.values()]
}

/** Whether the user model came from another app: what names it waits for the move, not for the first migration. */
function hasMoved(graph: MigrationGraph, userApp: string | undefined): boolean {
  return (
    userApp !== undefined &&
    graph.ofApp(userApp).some((each) => each.operations.some(({ type }) => type === 'moveModel'))
  )
}

/** Sorted, each app once (its last); none to the user's app beside the marker, unless for something else there. */
function tidy(dependencies: readonly Dependency[], one: Group, userApp: string | undefined): Dependency[] {
  const last = new Map<string, Dependency>()
  for (const dependency of dependencies) {
    if (isUserModel(dependency)) continue
    const known = last.get(dependency[0])
    if (known === undefined || (known as readonly string[])[1]! < dependency[1]) last.set(dependency[0], dependency)
  }
  if (one.user && userApp !== undefined && userApp !== one.app && !needsBeyondUser(one, userApp)) last.delete(userApp)
  const named = [...last.values()].sort((a, b) =>
    keyOf(...(a as [string, string])) < keyOf(...(b as [string, string])) ? -1 : 1,
  )
  return dependencies.some(isUserModel) ? [userModel, ...named] : named
}

function needsBeyondUser(one: Group, userApp: string): boolean {
  return one.drafts.some((draft) => !draft.user && draft.requires.some((word) => appOf(word) === userApp))
}

/** A new model with its fields, indexes and constraints in the order of its declaration: they were added one by one. */
function asDeclared(operation: Operation, app: string, to: ProjectState): Operation {
  if (!isKnown(operation) || operation.type !== 'createModel') return operation
  const { name, fields, options } = operation
  const declared = to.find(`${app}.${name}`)
  if (declared === null) return operation
  return createModel(
    name,
    Object.fromEntries(inOrderOf(Object.keys(declared.fields), Object.entries(fields), ([key]) => key)),
    {
      ...options,
      ...declaredOrder(options, declared, 'indexes'),
      ...declaredOrder(options, declared, 'constraints'),
      ...declaredOrder(options, declared, 'triggers'),
    },
  )
}

function declaredOrder(
  options: ModelState['options'],
  declared: ModelState,
  key: 'indexes' | 'constraints' | 'triggers',
): ModelState['options'] {
  const list: readonly { readonly name: string }[] | undefined = options[key]
  if (list === undefined) return {}
  const names = (declared.options[key] ?? []).map((each) => each.name)
  return { [key]: inOrderOf(names, list, (each) => each.name) }
}

/** Items in the order of a list of names; those it does not have come last. */
function inOrderOf<T>(names: readonly string[], items: readonly T[], nameOf: (item: T) => string): T[] {
  const place = (item: T) => (names.includes(nameOf(item)) ? names.indexOf(nameOf(item)) : names.length)
  return [...items].sort((a, b) => place(a) - place(b))
}
