/** The order of rows that union() and the like put together: by the positions of their columns. */
import { NotSupportedError } from '../errors.ts'
import type { SelectNode } from '../sql/nodes.ts'
import type { RowLayout } from './build.ts'
import type { State } from './state.ts'

/** Which columns rows have. */
export type Columns = Pick<RowLayout, 'meta' | 'instances' | 'columns'> & {
  readonly extras: readonly {
    readonly name: string
    readonly index: number
    readonly parts?: readonly { readonly index: number }[]
  }[]
}

type Position = NonNullable<SelectNode['compound']>['orderBy'][number]

/** Which columns order the rows. Where nobody asked, the model's own ordering, as far as it is of its columns. */
export function positions(state: State, layout: Columns): Position[] {
  let found: Position[] | null = null
  for (const op of state.ops) {
    if (op.t === 'order') {
      found = op.items.flatMap((item) => {
        const those = typeof item === 'string' ? positionsOf(item, layout) : []
        if (those.length > 0) return those
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
  return layout.meta.ordering.flatMap((item) => positionsOf(item, layout))
}

/** The columns that an item orders by; none where it is no column of the rows. */
function positionsOf(item: string, layout: Columns): Position[] {
  const desc = item.startsWith('-')
  const asked = desc ? item.slice(1) : item
  const { meta, extras } = layout
  const extra = extras.find((column) => column.name === asked)
  if (extra !== undefined) return (extra.parts ?? [extra]).map(({ index }) => ({ position: index, desc }))
  const fields = asked === 'pk' ? meta.pk : (meta.fields.get(asked) ?? meta.byAttname.get(asked))?.parts
  const found = (fields ?? []).map((field) =>
    layout.instances
      ? layout.columns.indexOf(field)
      : (extras.find(({ name }) => name === field.name || name === field.attname)?.index ?? -1),
  )
  return found.includes(-1) ? [] : found.map((position) => ({ position, desc }))
}

function namesOf(layout: Columns): string[] {
  const own = layout.instances ? layout.columns.map((field) => field.name) : []
  return [...own, ...layout.extras.map((column) => column.name)]
}
