/** Full-text search: the condition and the rank of each family of databases, over an index that a model declares. */
import { NotSupportedError } from '../errors.ts'
import type { FieldMeta, ModelIndex, ModelMeta } from '../models/meta.ts'
import type { ParamNode, RawNode, SqlExpr, Vendor } from '../sql/nodes.ts'
import { quoteIdentifier } from '../sql/quoting.ts'
import { picture, QueryUsageError, QueryValueError } from './errors.ts'
import { readBy, type SearchQuery } from './search-query.ts'
import { booleanModeText, checkedLanguage, ftsText, readSearch, webSearchText } from './search-text.ts'

/** The method of an index that each database makes its own way. */
const FULLTEXT = 'fulltext'

/** One of the values that are searched: its node, and the field where it is a column. */
export interface Searched {
  readonly node: SqlExpr
  readonly field: FieldMeta | null
  /** How much what is found here counts; 1 where nothing is said. */
  readonly weight: number
}
/** A search: over what, how, and the slot of its text. */
export interface Search {
  readonly of: readonly Searched[]
  /** Whose words; default that of the index, else `simple`. */
  readonly language?: string
  readonly param: (convert: (value: unknown) => unknown) => ParamNode
  /** How a rank is counted (PostgreSQL). */
  readonly rank?: { readonly coverDensity: boolean; readonly normalization: number }
  /** What is searched for, where it is no text that people typed: it takes its own slots (PostgreSQL). */
  readonly query?: SearchQuery
}

const written =
  (write: (terms: ReturnType<typeof readSearch>) => string) =>
  (value: unknown): unknown => {
    if (typeof value === 'string') return write(readSearch(value))
    throw new QueryValueError(`${picture(value)} is not a text to search for.`, {
      code: 'db.invalid-value',
      status: 400,
      hint: 'Pass a string.',
    })
  }
const asWebSearch = written(webSearchText)
const asBooleanMode = written(booleanModeText)
const asFts = written((terms) => ftsText(terms, null))

/** Whether a column is a tsvector, which is searched as it is. */
function isVectorColumn(field: FieldMeta | null): boolean {
  return field?.type?.declared?.postgres === 'tsvector'
}

/** @throws QueryUsageError db.no-sql-here */
function assertText(vendor: Vendor, { query, rank }: Search): void {
  if (rank !== undefined && vendor !== 'postgres') {
    throw new QueryUsageError(`coverDensity and normalization of SearchRank have no SQL for ${vendor}.`, {
      code: 'db.no-sql-here',
      hint: 'They are for PostgreSQL and PGlite; weights are for every database.',
    })
  }
  if (query === undefined || vendor === 'postgres') return
  throw new QueryUsageError(`SearchQuery has no SQL for ${vendor}.`, {
    code: 'db.no-sql-here',
    hint: 'Search by a text, as people type it; SearchQuery is for PostgreSQL and PGlite.',
  })
}

/** The condition that a search finds the row. @throws NotSupportedError db.no-search-index */
export function searchCondition(vendor: Vendor, search: Search): SqlExpr {
  assertText(vendor, search)
  switch (vendor) {
    case 'postgres': {
      const languages = languagesOf(search)
      const nodes = [vectorOf(search, languages[0]!, false), webQuery(search, languages)]
      return { t: 'raw', parts: ['(', ' @@ ', ')'], nodes, kind: 'boolean' }
    }
    case 'sqlite': {
      const { index, key, convert } = ftsOf(search)
      const name = quoteIdentifier(index.name)
      const head = ` IN (SELECT rowid FROM ${name} WHERE ${name} MATCH `
      return { t: 'raw', parts: ['', head, ')'], nodes: [key, search.param(convert)], kind: 'boolean' }
    }
    case 'mysql':
      return against(search, search.param(asBooleanMode), 'boolean')
  }
}

/** How well a search fits the row: more is better, 0 is not at all. @throws NotSupportedError db.no-search-index */
export function searchRank(vendor: Vendor, search: Search): SqlExpr {
  assertText(vendor, search)
  switch (vendor) {
    case 'postgres': {
      const languages = languagesOf(search)
      const weights = weightsOf(search.of)
      const name = search.rank?.coverDensity ? 'TS_RANK_CD(' : 'TS_RANK('
      const head = weights.length < 2 ? name : `${name}'{${classWeights(weights).join(',')}}'::float4[], `
      const nodes = [vectorOf(search, languages[0]!, weights.length > 1), webQuery(search, languages)]
      const { normalization = 0 } = search.rank ?? {}
      const tail = `${normalization === 0 ? '' : `, ${normalization}`})::double precision`
      return { t: 'raw', parts: [head, ', ', tail], nodes, kind: 'float' }
    }
    case 'sqlite': {
      const { index, key, convert, columns } = ftsOf(search)
      const name = quoteIdentifier(index.name)
      const weights = columns.map((field) => search.of.find((each) => each.field === field)?.weight ?? 0)
      // Ranked once for all rows: bm25() looks at the whole index each time it is asked.
      const head = `COALESCE((WITH found(id, score) AS MATERIALIZED (SELECT rowid, -bm25(${[name, ...weights].join(', ')}) FROM ${name} WHERE ${name} MATCH `
      const parts = [head, ') SELECT score FROM found WHERE found.id = ', '), 0.0)']
      return { t: 'raw', parts, nodes: [search.param(convert), key], kind: 'float' }
    }
    case 'mysql': {
      const weights = weightsOf(search.of)
      const param = search.param(asBooleanMode)
      if (weights.length < 2) return against(search, param, 'float')
      // A weight for each: an index for each.
      return search.of
        .map((each): SqlExpr => {
          const one = against({ ...search, of: [each] }, param, 'float')
          return { t: 'raw', parts: ['(', ` * ${each.weight})`], nodes: [one], kind: 'float' }
        })
        .reduce((left, right) => ({ t: 'arithmetic', op: '+', left, right, kind: 'float' }))
    }
  }
}

// ---------------------------------------------------------------- PostgreSQL

/** Whose words are searched; of a search vector with parts in several languages all of them. */
function languagesOf({ of, language }: Search): readonly string[] {
  if (language !== undefined) return [checkedLanguage(language)]
  const meta = of[0]?.field?.model.meta
  const computed: unknown = of[0]?.field?.computed?.expression
  // A search vector says whose words it keeps.
  if (typeof computed === 'object' && computed !== null && 'spoken' in computed)
    return (computed.spoken as readonly string[]).map(checkedLanguage) // of a search vector
  const index = meta === undefined ? undefined : indexesOver(meta, of, false)[0]
  return [checkedLanguage(index?.language ?? 'simple')]
}

function webQuery(search: Search, languages: readonly string[]): SqlExpr {
  if (search.query !== undefined) return search.query.toSql(languages, search.param)
  return readBy(languages, 'WEBSEARCH_TO_TSQUERY', search.param(asWebSearch))
}

/** The text with marks around what was found, or the parts of it around them. @throws QueryUsageError db.no-sql-here */
export function searchExcerpt(vendor: Vendor, search: Search, options: () => SqlExpr): SqlExpr {
  if (vendor !== 'postgres') {
    throw new QueryUsageError(`SearchHeadline has no SQL for ${vendor}.`, {
      code: 'db.no-sql-here',
      hint: 'It is for PostgreSQL and PGlite.',
    })
  }
  const languages = languagesOf(search)
  const parts = [`TS_HEADLINE('${languages[0]}', COALESCE(`, "::text, ''), ", ', ', ')']
  return { t: 'raw', parts, nodes: [search.of[0]!.node, webQuery(search, languages), options()], kind: 'text' }
}

/** The words of a row. Written as an index declares them, so that it serves. */
function vectorOf({ of }: Search, language: string, weighted: boolean): SqlExpr {
  if (of.length === 1 && isVectorColumn(of[0]!.field)) return of[0]!.node
  if (!weighted)
    return joined(
      of.map(({ node }) => node),
      language,
    )
  const classes = weightsOf(of)
  const parts: string[] = []
  of.forEach(({ weight }, i) => {
    parts.push(`${i === 0 ? '(' : `, '${CLASSES[classes.indexOf(of[i - 1]!.weight)]}') || `}SETWEIGHT(`)
    if (i === of.length - 1) parts.push(`, '${CLASSES[classes.indexOf(weight)]}'))`)
  })
  return { t: 'raw', parts, nodes: of.map(({ node }) => joined([node], language)), kind: 'text' }
}

/** `TO_TSVECTOR('simple', COALESCE(a::text, '') || ' ' || …)` */
export function joined(nodes: readonly SqlExpr[], language: string): RawNode {
  const between = "::text, '') || ' ' || COALESCE("
  const parts = nodes.map((_, i) => (i === 0 ? `TO_TSVECTOR('${language}', COALESCE(` : between))
  return { t: 'raw', parts: [...parts, "::text, ''))"], nodes, kind: 'text' }
}

const CLASSES = ['A', 'B', 'C', 'D'] as const
/** The weights there are, largest first. */
function weightsOf(of: readonly Searched[]): number[] {
  return [...new Set(of.map(({ weight }) => weight))].sort((a, b) => b - a)
}
/** PostgreSQL has four classes, which it lists from the last. @throws NotSupportedError db.too-many-weights */
function classWeights(weights: readonly number[]): number[] {
  if (weights.length > CLASSES.length) {
    throw new NotSupportedError(`A search has ${weights.length} different weights.`, {
      code: 'db.too-many-weights',
      hint: 'PostgreSQL has four: give several fields the same.',
    })
  }
  // It takes none above 1.
  const largest = weights[0] || 1
  return [3, 2, 1, 0].map((i) => (weights[i] ?? 0) / largest)
}

// ---------------------------------------------------------------- SQLite, MariaDB

/** MATCH takes the columns of an index: here one, of the index's name, which holds the text of the others. */
function against(search: Search, param: ParamNode, kind: 'boolean' | 'float'): SqlExpr {
  const { index } = indexOf(search, false)
  const column: SqlExpr = { t: 'column', table: tableOf(search), column: index.name, kind: 'text' }
  return { t: 'raw', parts: ['MATCH (', ') AGAINST (', ' IN BOOLEAN MODE)'], nodes: [column, param], kind }
}

/** The alias of the table whose columns are searched. */
function tableOf({ of: [first] }: Search): string | null {
  return first?.node.t === 'column' ? first.node.table : null
}

function ftsOf(search: Search) {
  const { index, meta } = indexOf(search, true)
  const columns = fieldsOf(meta, index)
  const some = search.of.length === columns.length ? null : search.of.map(({ field }) => field!.column!) // indexOf() saw columns
  const convert = some === null ? asFts : written((terms) => ftsText(terms, some))
  const key: SqlExpr = { t: 'column', table: tableOf(search), column: meta.pk[0]!.column!, kind: 'bigInteger' }
  return { index, key, convert, columns }
}

function fieldsOf(meta: ModelMeta, index: ModelIndex): FieldMeta[] {
  return index.fields.flatMap((name) => meta.fields.get(name) ?? [])
}

/** Full-text indexes over these columns; `more`: they may have others besides. */
function indexesOver(meta: ModelMeta, of: readonly Searched[], more: boolean): ModelIndex[] {
  return meta.indexes
    .filter(({ method, fields }) => method === FULLTEXT && (more || fields.length === of.length))
    .filter((index) => {
      const fields = fieldsOf(meta, index)
      return of.every(({ field }) => field !== null && fields.includes(field))
    })
    .sort((a, b) => a.fields.length - b.fields.length)
}

/** The index that serves a search. @throws NotSupportedError db.no-search-index */
function indexOf({ of }: Search, more: boolean): { index: ModelIndex; meta: ModelMeta } {
  const [first] = of
  const meta = first?.field?.model.meta
  const together = of.every(({ node, field }) => {
    const start = first!.node
    return node.t === 'column' && start.t === 'column' && node.table === start.table && field?.model.meta === meta
  })
  if (meta === undefined || !together) {
    throw new NotSupportedError('This database searches columns of one table, and the search is over something else.', {
      code: 'db.no-search-index',
      hint: 'Search fields of one model; PostgreSQL searches expressions too.',
    })
  }
  const [index] = indexesOver(meta, of, more)
  if (index !== undefined) return { index, meta }
  const names = of.map(({ field }) => field!.name) // each is a column
  throw new NotSupportedError(`${meta.label} has no full-text index over ${names.join(', ')}.`, {
    code: 'db.no-search-index',
    hint: `Declare it among the model's indexes, and migrate: index([${names.map((name) => `'${name}'`).join(', ')}], { method: 'fulltext' }).`,
  })
}
