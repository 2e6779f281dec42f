/** docs/reference/lookups.md: which lookups each field has, from the types that check them. */
import { heading, sourceFile, table } from './source.ts'

/** What each lookup asks; a lookup that is missing here stops the generator. */
const MEANING: Readonly<Record<string, string>> = {
  exact: 'Equal. The default: `{ title: x }` is `{ title__exact: x }`; null asks for null.',
  in: 'Among these values, or in the result of a query set. An empty list finds nothing.',
  isnull: 'Whether the column is null.',
  gt: 'Greater.',
  gte: 'Greater or equal.',
  lt: 'Less.',
  lte: 'Less or equal.',
  range: 'Between two values, both included.',
  iexact: 'Equal, case aside.',
  contains:
    'Contains the text, case included. Of JSON: contains these keys and values. Of an array: all of these elements; of a range: this value, or all of this range.',
  icontains: 'Contains the text, case aside.',
  startswith: 'Begins with the text. Of a range: where it begins.',
  istartswith: 'Begins with the text, case aside.',
  endswith: 'Ends with the text. Of a range: where it ends.',
  iendswith: 'Ends with the text, case aside.',
  regex: 'Matches a regular expression.',
  iregex: 'Matches a regular expression, case aside.',
  search: 'Words of a search are found, see [searching](../guides/search.md).',
  year: 'The year, in the current time zone for instants.',
  isoYear: 'The year of ISO 8601, whose weeks belong to one year whole.',
  month: 'The month, 1 to 12.',
  day: 'The day of the month.',
  week: 'The ISO week, 1 to 53.',
  weekDay: 'The day of the week, 1 (Sunday) to 7 (Saturday).',
  isoWeekDay: 'The day of the week of ISO 8601, 1 (Monday) to 7 (Sunday).',
  quarter: 'The quarter, 1 to 4.',
  hour: 'The hour, in the current time zone for instants.',
  minute: 'The minute.',
  second: 'The second.',
  date: 'The day of an instant, in the current time zone.',
  time: 'The time of day of an instant, in the current time zone.',
  hasKey: 'Whether a JSON object has the key.',
  hasKeys: 'Whether it has all of these keys.',
  hasAnyKeys: 'Whether it has one of these keys.',
  containedBy: 'JSON: each key and item of it is in the value. An array, a range: all of it is in the value.',
  overlap: 'Has something in common with this array or range.',
  len: 'How many elements an array has; `tags__0` is its first, `tags__0_2` the first two.',
  fullyLt: 'Ends before this range begins.',
  fullyGt: 'Begins after this range ends.',
  notLt: 'Does not begin before this range.',
  notGt: 'Does not end after this range.',
  adjacentTo: 'Begins where this range ends, or ends where it begins.',
  isempty: 'Whether the range holds nothing.',
  lowerInc: 'Whether the first value belongs to the range.',
  lowerInf: 'Whether the range has no beginning.',
  upperInc: 'Whether the last value belongs to the range.',
  upperInf: 'Whether the range has no end.',
}

const FIELDS: readonly (readonly [title: string, name: string])[] = [
  ['`char`, `text`, `slug`, `email`, `url`, `uuid`, `choice`', 'TextLookups'],
  ['`integer`, `smallInteger`, `bigInteger`, `float`, `decimal`, `duration`', 'Ordered'],
  ['`date`', 'DateLookups'],
  ['`time`', 'TimeLookups'],
  ['`dateTime`', 'DateTimeLookups'],
  ['`boolean`, `binary`', 'Base'],
  ['`json`', 'JsonLookups'],
  ['`array` (PostgreSQL)', 'ArrayLookups'],
  ['`integerRange`, `bigIntegerRange`, `decimalRange`, `dateRange`, `dateTimeRange` (PostgreSQL)', 'RangeLookups'],
  ['relations', 'RelationLookups'],
]

export function lookupsPage(): string {
  const { text } = sourceFile('src/db/query/types/lookups.ts')
  const own = new Map(
    [...text.matchAll(/^(?:export )?interface (\w+)<V>(?: extends ([^{]+?))? \{(?:\}|([\s\S]*?)\n\})/gm)].map(
      ([, name, bases = '', body = '']) => [
        name!,
        {
          bases: [...bases.matchAll(/(\w+)<V>/g)].map(([, base]) => base!),
          members: [...body.matchAll(/^ {2}(\w+): (LookupPart<)?/gm)].map(([, key, part]) => ({
            key: key!,
            isPart: !!part,
          })),
        },
      ],
    ),
  )
  const all = (name: string): { key: string; isPart: boolean }[] => {
    const { bases, members } = own.get(name) ?? { bases: [], members: [] }
    const found = [...bases.flatMap(all), ...members]
    return found.filter(({ key }, i) => found.findIndex((other) => other.key === key) === i)
  }
  // A relation without a lookup is compared by its key, which the types say elsewhere.
  const fields = FIELDS.map(([title, name]) => {
    const names = [...(name === 'RelationLookups' ? ['exact'] : []), ...all(name).map(({ key }) => key)]
    if (names.length < 2) throw new Error(`No lookups found for ${name}.`)
    return [title, names.map((key) => `\`${key}\``).join(', ')]
  })
  const used = new Map(FIELDS.flatMap(([, name]) => all(name)).map((member) => [member.key, member]))
  const missing = [...used.keys()].filter((key) => MEANING[key] === undefined)
  if (missing.length > 0) throw new Error(`scripts/reference/lookups.ts does not explain ${missing.join(', ')}.`)
  if (!used.get('year')?.isPart) throw new Error('No parts found among the lookups: how is `year` declared?')
  const rows = [...used.values()].map(({ key, isPart }) => [`\`${key}\``, isPart ? 'part' : '', MEANING[key]!])
  const about =
    'What may follow a path in `filter({ path__lookup: value })`. A *part* gives a value that may be looked up further: ' +
    '`publishedAt__year__gte`. See [queries](../guides/queries.md).'
  return `${heading('Lookups', about)}${table(['Field', 'Lookups'], fields)}\n\n${table(['Lookup', '', 'Holds where'], rows)}`
}
