/** The order of rows that union() and the like put together: by the positions of their columns. */
import { NotSupportedError } from '../errors.ts'
import type { SelectNode } from '../sql/nodes.ts'
import type { RowLayout } from './build.ts'
import type { State } from './state.ts'

/** Which columns rows have. */
export type Columns = Pick<RowLayout, 'meta' | 'instances' | 'columns'> & {
  readonly extras: readonly { readonly name: string; readonly index: number }[]
}

type Position = NonNullable<SelectNode['compound']>['orderBy'][number]

/** Which columns order the rows. Where nobody asked, the model's own ordering, as far as it is of its columns. */
export function positions(state: State, layout: Columns): Position[] {
  let found: Position[] | null = null
  for (const op of state.ops) {
    if (op.t === 'order') {
      found = op.items.map((item) => {
        const position = typeof item === 'string' ? positionOf(item, layout) : null
        if (position !== null) return position
        throw new NotSupportedError(
          `${typeof item === 'string' ? `"${item}"` : 'An expression'} cannot order a union.`,
          {
            code: 'db.compound-query',
            hint: `Rows that are put together are ordered by their columns: ${namesOf(layout).join(', ')}.`,
          },
        )
      })
    } else if (op.t === 'reverse') found = (found ?? defaults(layout)).map((item) => ({ ...item, desc: !item.desc }))
  }
  return found ?? defaults(layout)
}

function defaults(layout: Columns): Position[] {
  if (!layout.instances) return []
  return layout.meta.ordering.map((item) => positionOf(item, layout)).filter((item) => item !== null)
}

function positionOf(item: string, layout: Columns): Position | null {
  const desc = item.startsWith('-')
  const asked = desc ? item.slice(1) : item
  const name = asked === 'pk' ? layout.meta.pk[0]!.name : asked
  const extra = layout.extras.find((column) => column.name === name)
  if (extra !== undefined) return { position: extra.index, desc }
  if (!layout.instances) return null
  const position = layout.columns.findIndex((field) => field.name === name || field.attname === name)
  return position === -1 ? null : { position, desc }
}

function namesOf(layout: Columns): string[] {
  const own = layout.instances ? layout.columns.map((field) => field.name) : []
  return [...own, ...layout.extras.map((column) => column.name)]
}
