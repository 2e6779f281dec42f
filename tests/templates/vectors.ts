/** The vectors of text, numbers and times that concern filters: what each kind of row calls. */
import { Temporal } from '../../src/std/dates.ts'
import { isSafe } from '../../src/std/html.ts'
import { builtIns } from '../../src/templates/builtins.ts'
import { Engine } from '../../src/templates/engine.ts'
import { since } from '../../src/templates/filters/dates.ts'
import { jsonScript } from '../../src/templates/filters/html.ts'
import { naturalTime } from '../../src/templates/filters/humanize.ts'
import { truncateChars, truncateHtml, truncateWords } from '../../src/templates/filters/truncate.ts'
import { urlize } from '../../src/templates/filters/urlize.ts'
import { smartSplit } from '../../src/templates/parser/split.ts'
import { filter } from '../../src/templates/runtime/helpers.ts'
import { formatNumber } from '../../src/templates/runtime/number-format.ts'
import { RenderState } from '../../src/templates/runtime/state.ts'
import { fromRow } from './adapter.ts'

type Input = Readonly<Record<string, any>>

const engine = new Engine({})
const humanize = builtIns().libraries.get('humanize')!.filters!

/** Applies a filter as a template would, and gives text for HTML. */
export function applied(name: string, value: unknown, argument?: unknown, autoescape = true): unknown {
  const use = builtIns().filters.get(name) ?? humanize[name]!
  const out = filter(use, value, argument, new RenderState(engine, null, Object.create(null), null), autoescape)
  return isSafe(out) ? String(out) : out
}

const plus = (now: string, seconds: number) =>
  Temporal.PlainDateTime.from(now).add({ milliseconds: Math.round(seconds * 1000) })

/** What each kind of row does. */
export const KINDS: Readonly<Record<string, (input: Input) => unknown>> = {
  filter: ({ filter: name, value }) => applied(name, value),
  truncatechars: ({ value, n }) => truncateChars(value, n),
  truncatewords: ({ value, n }) => truncateWords(value, n),
  truncatechars_html: ({ value, n }) => truncateHtml(value, n, 'chars'),
  truncatewords_html: ({ value, n }) => truncateHtml(value, n, 'words'),
  wordwrap: ({ value, n }) => applied('wordwrap', value, n),
  urlize: ({ value, nofollow, autoescape, trim_url_limit: limit }) => urlize(value, { nofollow, autoescape, limit }),
  json_script: ({ value, element_id: id }) => jsonScript(value, id ?? null),
  smart_split: ({ value }) => smartSplit(value),
  numberformat: (input) =>
    formatNumber(fromRow(input.value) as number, {
      decimalSeparator: input.decimal_sep,
      decimals: input.decimal_pos,
      grouping: input.grouping,
      thousandSeparator: input.thousand_sep,
      group: input.force_grouping === true && input.grouping !== 0,
    }),
  floatformat: ({ value, arg }) => applied('floatformat', fromRow(value), arg ?? undefined),
  filesizeformat: ({ value }) => applied('filesizeformat', fromRow(value)),
  intcomma: ({ value }) => asText(applied('intcomma', fromRow(value))),
  intword: ({ value }) => asText(applied('intword', fromRow(value))),
  ordinal: ({ value }) => asText(applied('ordinal', fromRow(value))),
  apnumber: ({ value }) => asText(applied('apnumber', fromRow(value))),
  divisibleby: ({ value, arg }) => applied('divisibleby', fromRow(value), fromRow(arg)),
  get_digit: ({ value, arg }) => {
    const [given, out] = [fromRow(value), applied('get_digit', fromRow(value), fromRow(arg))]
    return typeof out === 'bigint'
      ? { $bigint: String(out) }
      : Object.is(given, out) && typeof given !== 'number'
        ? SAME
        : out
  },
  timesince: ({ now, delta, depth }) => since(plus(now, delta), Temporal.PlainDateTime.from(now), false, depth),
  timeuntil: ({ now, delta, depth }) => since(plus(now, delta), Temporal.PlainDateTime.from(now), true, depth),
  'timesince-dates': ({ d, now }) => since(Temporal.PlainDate.from(d), Temporal.PlainDate.from(now), false),
  naturaltime: ({ now, delta }) => naturalTime(plus(now, delta), Temporal.PlainDateTime.from(now)),
}

/** How the rows say that a value comes back as it was. */
const SAME = { 'same-as-input': true }

function asText(value: unknown): unknown {
  return value === null ? null : String(value)
}
