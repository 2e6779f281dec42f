/**
 * Keys of records of single values, as `filter({ id: 3 })` gives them: kept by the key they go on from and by their
 * names, so that who asks again writes no text, and finds the plan by a text that is there already. They are, to the
 * letter, what {@link Condition.write} would write.
 */
import { asksKey, asksNull, asksPart, isQuery } from '../expressions/condition.ts'
import { Expression } from '../expressions/expression.ts'
import { isPlainName, MARK } from './shape.ts'
import { LETTER } from './state.ts'

/** What a record is given to. */
export type RecordUse = 'filter' | 'exclude' | 'update'

const START: Readonly<Record<RecordUse, string>> = {
  filter: `${MARK.op}${LETTER.filter}${MARK.open}and`,
  exclude: `${MARK.op}${LETTER.exclude}${MARK.open}and`,
  update: `${MARK.op}${LETTER.update}`,
}
const END: Readonly<Record<RecordUse, string>> = { filter: MARK.close, exclude: MARK.close, update: '' }

/** Names that are kept, all records together; then all are forgotten. */
const MAX_STEPS = 2000
let steps = 0
let first = newFirst()

function newFirst(): Readonly<Record<RecordUse, Map<string, Step>>> {
  return { filter: new Map(), exclude: new Map(), update: new Map() }
}

/** A record as far as it was read. */
export class Step {
  /** The key of the record that ends here. */
  readonly key: string
  private readonly text: string
  private readonly end: string
  /** The next name, with a value, and with null; made when there is one, for an empty map takes some 700 bytes. */
  private values: Map<string, Step> | null = null
  private nulls: Map<string, Step> | null = null
  private readonly name: string

  constructor(text: string, end: string, name: string) {
    this.text = text
    this.end = end
    this.key = text + end
    this.name = name
  }

  /** Whether a value has a slot of its own: it is neither part of the text, nor several. */
  takes(value: unknown): boolean {
    switch (typeof value) {
      case 'number':
      case 'bigint':
        return true
      case 'string':
        return !asksKey(this.name)
      case 'boolean':
        return !asksNull(this.name)
      case 'object':
        return isSingle(value) && !asksPart(this.name)
      default:
        return false
    }
  }

  /** The step behind a name that has a value; null for a name that cannot stand in a key. */
  value(name: string): Step | null {
    this.values ??= new Map()
    return this.values.get(name) ?? this.grow(this.values, name, MARK.value)
  }
  /** The same for one that is null. */
  empty(name: string): Step | null {
    this.nulls ??= new Map()
    return this.nulls.get(name) ?? this.grow(this.nulls, name, MARK.null)
  }

  private grow(next: Map<string, Step>, name: string, mark: string): Step | null {
    if (!isPlainName(name)) return null
    const step = new Step(this.text + name + mark, this.end, name)
    if (++steps <= MAX_STEPS) next.set(name, step)
    return step
  }
}

/** Where the records begin that go on from a key. */
export function firstStep(key: string, use: RecordUse): Step {
  if (steps > MAX_STEPS) {
    first = newFirst()
    steps = 0
  }
  // By name: a property whose name is a variable is looked up in a table of the whole process.
  const known = use === 'filter' ? first.filter : use === 'update' ? first.update : first.exclude
  return known.get(key) ?? newStep(known, key, use)
}

function newStep(known: Map<string, Step>, key: string, use: RecordUse): Step {
  const step = new Step(key + START[use], END[use], '')
  steps++
  known.set(key, step)
  return step
}

function isSingle(value: object | null): boolean {
  if (value === null || Array.isArray(value) || value instanceof Set) return false
  return !(value instanceof Expression || isQuery(value) || 'then' in value)
}

/**
 * The key of a condition by a record, whose values are added; null where some value is not a single one: then it is
 * written as every condition is.
 */
export function recordKey(
  key: string,
  use: 'filter' | 'exclude',
  record: Readonly<Record<string, unknown>>,
  values: unknown[],
): string | null {
  const names = Object.keys(record)
  if (names.length === 0) return null
  let step = firstStep(key, use)
  for (const name of names) {
    const value = record[name]
    const next = value === null ? step.empty(name) : step.value(name)
    if (next === null) return null
    if (value !== null) {
      if (!next.takes(value)) return null
      values.push(value)
    }
    step = next
  }
  return step.key
}
