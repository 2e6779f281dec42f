/** The filters of a list, drawn: their links, and the counts where they are asked for. */
import type { AuthenticatedRequest } from '../../auth/index.ts'
import { allowRepeats } from '../../db/index.ts'
import { inputWidget } from '../../forms/index.ts'
import { keyPath, readRelatedKey, TOO_MANY } from '../../forms/internal.ts'
import { t } from '../../i18n/index.ts'
import type { SafeString } from '../../std/html.ts'
import { type Access, rowsFor } from '../access.ts'
import { rowWidget, searchOnly } from '../choosers.ts'
import { nameOf } from '../keys.ts'
import type { ModelAdmin } from '../model-admin.ts'
import { searchUrl } from '../relations.ts'
import { adminOf } from '../site.ts'
import { countChoices, startBudget } from './counts.ts'
import type { Filter } from './filters.ts'
import { address } from './pages.ts'
import { resolve } from './query.ts'

const textInput = inputWidget('text')

/** A filter, drawn. */
export interface ShownFilter {
  readonly label: string
  readonly active: boolean
  /** There are more choices than can be listed: a box takes one. */
  readonly more: boolean
  /** The choices come with the counts. */
  readonly later: boolean
  /** The box, where there are more. */
  readonly box: SafeString | null
  readonly boxId: string
  /** Parameters the box keeps. */
  readonly kept: readonly { readonly name: string; readonly value: string }[]
  readonly choices: readonly ShownChoice[]
}
interface ShownChoice {
  readonly label: string
  readonly url: string
  readonly selected: boolean
  /** How many rows it would show; null where that was not counted. */
  readonly count: string | null
}

/** Draws the filters of an address; with `counted`, how many rows stand behind each choice. */
export function drawFilters(
  admin: ModelAdmin,
  request: AuthenticatedRequest,
  access: Access,
  applied: ReadonlySet<Filter>,
  counted: boolean,
): Promise<ShownFilter[]> {
  const draw = () => drawEach(admin, request, access, applied, counted)
  return allowRepeats('each filter has conditions of its own, and counts within a budget of time', draw)
}

async function drawEach(
  admin: ModelAdmin,
  request: AuthenticatedRequest,
  access: Access,
  applied: ReadonlySet<Filter>,
  counted: boolean,
): Promise<ShownFilter[]> {
  const { filters, parents } = resolve(admin)
  const budget = startBudget()
  const drawn: ShownFilter[] = []
  // One after another: the counts share one budget.
  for (const filter of [...filters, ...parents.filter((each) => applied.has(each))]) {
    const { query } = request
    const chosen = applied.has(filter) ? query.get(filter.parameter) : null
    const { choices, more, later = false } = await filter.choices(request, counted)
    const all = [...choices]
    // A value that is in force but not offered: it can be seen, and taken back.
    if (chosen !== null && !all.some((choice) => choice.value === chosen))
      all.push({ label: await nameFor(filter, request, chosen), value: chosen })
    const counts = counted ? await countChoices(admin, request, filter, all, budget) : []
    drawn.push({
      label: filter.label,
      active: chosen !== null,
      more,
      later,
      boxId: boxId(filter),
      box: more
        ? drawBox(
            filter,
            searchFor(filter, access, admin),
            chosen,
            all.find(({ value }) => value === chosen)?.label ?? null,
          )
        : null,
      kept: [...query]
        .filter(([name]) => name !== filter.parameter && name !== 'page')
        .map(([name, value]) => ({ name, value })),
      choices: all.map(({ label, value }, index) => ({
        label,
        url: address(query, { [filter.parameter]: value }),
        selected: value === chosen,
        count: counts[index] ?? null,
      })),
    })
  }
  return drawn
}

const boxId = ({ parameter }: Filter): string => `filter-by-${parameter}`

const searchFor = ({ target, path }: Filter, access: Access, admin: ModelAdmin): string | null =>
  target && searchUrl(access, target, admin, path)

/** A box for one of many: rows are found by name while somebody types, as in a form. */
function drawBox(filter: Filter, choicesUrl: string | null, chosen: string | null, name: string | null): SafeString {
  const { target, parameter } = filter
  const box = { name: parameter, id: boxId(filter), value: chosen, choices: TOO_MANY, attributes: {} }
  if (!target) return textInput.render({ ...box, attributes: { autocomplete: 'off', placeholder: t('Value') } })
  const named: [string, string][] = chosen !== null && name !== null ? [[chosen, name]] : []
  return rowWidget(searchOnly(target.meta.verboseName, choicesUrl, named)).render(box)
}

/** The name of a row that was chosen by its key, where this user may know of it. */
async function nameFor({ target }: Filter, request: AuthenticatedRequest, key: string): Promise<string> {
  const shown = target && adminOf(target)
  if (!shown) return key
  const { pk } = target.meta
  const row: object | null = await rowsFor(shown, request)
    .dynamic({ [keyPath(pk)]: pk.length === 1 ? key : readRelatedKey(key, pk) })
    .first()
  return row ? nameOf(row) : key
}
