/** How a common table is made of states: what CommonTable and walk() share. */
import type { AnyModel } from '../models/meta.ts'
import { picture, QueryUsageError } from './errors.ts'
import { MARK, type Shape } from './shape.ts'
import { rowsSource } from './source-of.ts'
import type { CommonSource, RowsSource } from './sources.ts'
import type { State } from './state.ts'

/** A query set, as far as it is needed here. */
interface QueryLike {
  readonly model: AnyModel
  readonly state: State
}

const NAME = /^[A-Za-z]\w{0,30}$/

/** Names of recursive tables that are being made: a step inside a step must not speak of the wrong one. */
const open = new Set<string>()

/** A common table, as the statements see it. */
class Common implements CommonSource {
  readonly t = 'common'
  readonly name: string
  readonly first: RowsSource
  readonly materialized: boolean | null
  step: RowsSource | null = null
  /** False while its own step is made, which reads it by name only. */
  ready = false

  constructor(name: string, first: RowsSource, materialized: boolean | null) {
    this.name = name
    this.first = first
    this.materialized = materialized
  }

  writeShape(shape: Shape): void {
    shape.key += `${MARK.open}w${this.name}${this.materialized ?? ''}`
    if (this.ready) {
      this.first.writeShape(shape)
      this.step?.writeShape(shape)
    }
    shape.key += MARK.close
  }
}

/** Makes one; `step` gives the rows that follow from the last ones. @throws QueryUsageError db.common-table */
export function commonSource(
  name: string,
  rows: unknown,
  materialized: boolean | null,
  step: ((self: CommonSource) => unknown) | null,
): CommonSource {
  if (!NAME.test(name)) {
    throw new QueryUsageError(`${picture(name)} cannot be the name of a common table.`, {
      code: 'db.common-table',
      hint: 'Use a letter, then letters, digits and underscores; 31 at most.',
    })
  }
  const source = new Common(name, part(name, rows), materialized)
  if (step !== null) {
    if (open.has(name)) {
      throw new QueryUsageError(`A step of the common table "${name}" makes another of the same name.`, {
        code: 'db.common-table',
        hint: 'Give them different names.',
      })
    }
    open.add(name)
    try {
      source.step = part(name, step(source))
    } finally {
      open.delete(name)
    }
  }
  source.ready = true
  return source
}

function part(name: string, rows: unknown): RowsSource {
  const { model, state } = rows as QueryLike
  if (state?.mode === 'values') return rowsSource(model, state)
  throw new QueryUsageError(`The rows of the common table "${name}" have no named columns.`, {
    code: 'db.common-table',
    hint: 'End the query set in values("id", …).',
  })
}
