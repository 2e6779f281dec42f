/** What a model's header said, kept on its base class until `meta` is asked for. */

import type { DeclaredConstraint, IndexOf } from './constraints.ts'
import type { Values } from './fill.ts'
import type { AbstractModelClass } from './header.ts'
import type { AnyInstance } from './instance.ts'
import type { AnyModel, ModelMeta } from './meta.ts'
import type { ModelRegistry } from './registry.ts'
import type { TriggerOf } from './triggers.ts'

/** Key of a base class's {@link Definition}. */
export const DEFINITION: unique symbol = Symbol.for('nuages.definition')

/** The field that the option `orderWithRespectTo` adds, named as Django names it. */
export const ROW_ORDER = '_order'

/** Options as written, whatever the field names. */
export interface DeclaredOptions {
  readonly ordering?: readonly (string | object)[]
  readonly orderWithRespectTo?: string
  readonly indexes?: readonly IndexOf<string>[]
  readonly constraints?: readonly DeclaredConstraint[]
  readonly triggers?: readonly TriggerOf<string>[]
  readonly dbTable?: string
  readonly comment?: string
  readonly getLatestBy?: readonly string[]
  readonly primaryKey?: readonly string[]
  readonly naturalKey?: readonly string[]
  readonly verboseName?: string | { toString(): string }
  readonly verboseNamePlural?: string | { toString(): string }
  readonly managed?: boolean
  readonly renamedFrom?: string
  readonly defaultPermissions?: readonly string[]
  readonly permissions?: readonly (readonly [codename: string, name: string])[]
  readonly extends?: AbstractModelClass<unknown>
}

/** A header, and what became of it. */
export interface Definition {
  /** As written: declarations, and arrows that give them. */
  readonly fields: Readonly<Record<string, unknown>>
  readonly options: DeclaredOptions
  readonly abstract: boolean
  /** Made by the framework: a table between. */
  readonly autoCreated: boolean
  readonly registry: ModelRegistry
  /** The class whose table it shares; null for every model that is no proxy. */
  readonly proxyOf: object | null
  /** Set when an app takes the model. */
  bound: { readonly app: string; readonly name: string; readonly model: AnyModel; readonly meta: ModelMeta } | null
  manager: unknown
  /** Gives a new instance its attributes; made with the first one. */
  fill: ((instance: AnyInstance, values: Values | undefined) => void) | null
}

/** The definition behind a model or abstract class. */
export function definitionOf(model: object): Definition | undefined {
  return (model as { readonly [DEFINITION]?: Definition })[DEFINITION]
}

/** A definition and the abstract ones it extends, furthest first. */
export function lineage(definition: Definition): Definition[] {
  const base = definition.options.extends === undefined ? undefined : definitionOf(definition.options.extends)
  return base === undefined ? [definition] : [...lineage(base), definition]
}
