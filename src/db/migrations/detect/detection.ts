/** What the parts of the autodetector share: the two states, and the operations found so far. */
import { pathsIn } from '../expressions.ts'
import type { MigrationGraph } from '../graph.ts'
import type { Operation } from '../operations/operation.ts'
import type { Questioner } from '../questioner.ts'
import { type FieldState, isRelation, type ModelState, type ProjectState } from '../state.ts'
import { markerName } from '../values.ts'
import type { Draft } from '../words.ts'

/** What the autodetector compares, and whom it asks. */
export interface DetectOptions {
  /** Where the migrations end, and what the models say. */
  readonly from: ProjectState
  readonly to: ProjectState
  readonly graph: MigrationGraph
  readonly questioner: Questioner
  /** Only these apps, and what they need of others. */
  readonly apps?: readonly string[]
  /** A value from a default computed in code (`default: () => …`), which a state does not hold; undefined for none. */
  readonly computedDefault?: (label: string, name: string) => unknown
  /** File name without number, instead of one made from the operations. */
  readonly name?: string
  /** The moment, for names that have nothing better. */
  readonly at: Date
}

/** Finds changes in steps: each reads both states and adds operations. */
export class Detection {
  readonly drafts: Draft[] = []
  /** Models that got another name, with the one they had, in the order in which they did. */
  readonly renamed: Map<string, string> = new Map()
  readonly to: ProjectState
  readonly options: DetectOptions
  #from: ProjectState

  constructor(options: DetectOptions) {
    this.options = options
    this.#from = options.from
    this.to = options.to
  }

  /** The old state, after the renames that were found. */
  get from(): ProjectState {
    return this.#from
  }

  add(app: string, operation: Operation, provides: readonly string[] = [], requires: readonly string[] = []): void {
    this.drafts.push({ app, operation, provides, requires, user: false })
  }

  /** Adds an operation and moves the old state over it: what follows sees the model as renamed. */
  apply(app: string, operation: Operation, provides: readonly string[], requires: readonly string[]): void {
    this.add(app, operation, provides, requires)
    this.#from = operation.toState(this.#from, app)
  }

  added(): ModelState[] {
    return [...this.to.models].filter(([label]) => this.#from.find(label) === null).map(([, state]) => state)
  }

  removed(): ModelState[] {
    return [...this.#from.models].filter(([label]) => this.to.find(label) === null).map(([, state]) => state)
  }

  /**
   * Models that both states have, by the name they have now. First those that were renamed: names of indexes that they
   * leave may be those that a model gets which took theirs.
   */
  *kept(): Iterable<[before: ModelState, after: ModelState]> {
    for (const label of new Set([...this.renamed.keys(), ...this.to.models.keys()])) {
      const [before, after] = [this.#from.find(label), this.to.find(label)]
      if (before !== null && after !== null) yield [before, after]
    }
  }
}

export const isGenerated = (state: FieldState): boolean => state.builder === 'generated'

export const isThrough = (state: FieldState): boolean => state.builder === 'manyToMany'

/** Names of the fields that a column is computed from. */
export function computedFrom(state: FieldState): string[] {
  return isGenerated(state) ? pathsIn(state.args[0]).map((path) => path.split('__')[0]!) : []
}

/** A relation to the user model by its marker. */
export function namesUser(own: FieldState): boolean {
  return isRelation(own) && markerName(own.args[0]) === 'userModel'
}
