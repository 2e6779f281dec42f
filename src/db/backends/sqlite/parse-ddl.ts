/**
 * Reads a `CREATE TABLE` text for what SQLite's pragmas do not tell: names of constraints, checks, AUTOINCREMENT.
 * It keeps text; it does not understand expressions.
 */

/** One lexical unit. `name` is an identifier without its quotes. */
interface Token {
  readonly text: string
  readonly start: number
  readonly end: number
  readonly name: string
}

/** What one table's text says. */
export interface ParsedTable {
  readonly autoincrement: boolean
  /** Checks with the column they stand at (null: the table's own). */
  readonly checks: readonly { readonly name: string | null; readonly column: string | null; readonly sql: string }[]
  readonly uniques: readonly { readonly name: string | null; readonly columns: readonly string[] }[]
  /** References over several columns, as far as pragmas do not tell them. */
  readonly foreignKeys: readonly { readonly name: string | null; readonly columns: readonly string[] }[]
  /** What columns are computed from, by name. */
  readonly generated: ReadonlyMap<string, { readonly sql: string; readonly stored: boolean }>
  readonly collations: ReadonlyMap<string, string>
  /** References that wait for the commit, by their columns. */
  readonly deferred: ReadonlySet<string>
  /** What is done with a row that breaks a rule of a column, where it is not refused: `on conflict replace`. */
  readonly conflicts: ReadonlyMap<string, string>
  /** Of the table's own rules, and after them: `strict`. */
  readonly beyond: readonly string[]
}

const TOKEN =
  /\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:[^"]|"")*"|'(?:[^']|'')*'|`(?:[^`]|``)*`|\[[^\]]*\]|[\p{L}\p{N}_$]+|./suy

function tokens(sql: string): Token[] {
  const found: Token[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(sql); match !== null; match = TOKEN.exec(sql)) {
    const text = match[0]
    if (/^(\s|--|\/\*)/.test(text)) continue
    const quoted = text.length > 1 && '"`['.includes(text[0]!)
    const name = quoted ? text.slice(1, -1).replaceAll(text[0]! + text[0]!, text[0]!) : text
    found.push({ text, start: match.index, end: TOKEN.lastIndex, name })
  }
  return found
}

const word = (token: Token | undefined): string => token?.text.toUpperCase() ?? ''

/** The index of the parenthesis that closes the one at `open`. */
function closing(list: readonly Token[], open: number): number {
  let depth = 0
  for (let i = open; i < list.length; i++) {
    if (list[i]!.text === '(') depth++
    else if (list[i]!.text === ')' && --depth === 0) return i
  }
  return list.length - 1
}

/** The definitions between the outer parentheses, split at their commas. */
function definitions(list: readonly Token[]): Token[][] {
  const open = list.findIndex((token) => token.text === '(')
  if (open < 0) return []
  const close = closing(list, open)
  const parts: Token[][] = [[]]
  for (let i = open + 1, depth = 0; i < close; i++) {
    const token = list[i]!
    if (token.text === '(') depth++
    if (token.text === ')') depth--
    if (token.text === ',' && depth === 0) parts.push([])
    else parts.at(-1)!.push(token)
  }
  return parts
}

const TABLE_RULES = new Set(['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN'])

/** Reads the text that sqlite_master keeps. */
export function parseCreateTable(sql: string): ParsedTable {
  const list = tokens(sql)
  const checks: { name: string | null; column: string | null; sql: string }[] = []
  const uniques: { name: string | null; columns: string[] }[] = []
  const foreignKeys: { name: string | null; columns: string[] }[] = []
  const generated = new Map<string, { sql: string; stored: boolean }>()
  const collations = new Map<string, string>()
  const deferred = new Set<string>()
  const conflicts = new Map<string, string>()
  const beyond: string[] = []
  for (const part of definitions(list)) {
    const tableRule = TABLE_RULES.has(word(part[0]))
    const column = tableRule ? null : (part[0]?.name ?? null)
    let name: string | null = null
    const conflict = conflictOf(part)
    if (conflict !== null && column === null) beyond.push(conflict)
    else if (conflict !== null) conflicts.set(column!, conflict)
    if (column !== null && isDeferred(part)) deferred.add(column)
    for (let i = tableRule ? 0 : 1; i < part.length; i++) {
      const token = word(part[i])
      if (token === 'CONSTRAINT') name = part[++i]?.name ?? null
      else if (token === '(') i = closing(part, i)
      else if (token === 'COLLATE' && column !== null) collations.set(column, part[++i]?.name ?? '')
      else if (token === 'AS' && column !== null && part[i + 1]?.text === '(') {
        const end = closing(part, i + 1)
        const text = sql.slice(part[i + 1]!.end, part[end]!.start).trim()
        generated.set(column, { sql: text, stored: word(part[end + 1]) === 'STORED' })
        i = end
      } else if (token === 'CHECK' && part[i + 1]?.text === '(') {
        const end = closing(part, i + 1)
        checks.push({ name, column, sql: sql.slice(part[i + 1]!.end, part[end]!.start).trim() })
        i = end
        name = null
      } else if (token === 'FOREIGN' && tableRule) {
        const open = part.findIndex((each, at) => at > i && each.text === '(')
        const columns = columnNames(part.slice(open + 1, closing(part, open)))
        foreignKeys.push({ name, columns })
        if (isDeferred(part)) deferred.add(columns.join('\0'))
        break
      } else if (token === 'UNIQUE') {
        const open = part[i + 1]?.text === '(' ? i + 1 : -1
        const columns = open < 0 ? [column ?? ''] : columnNames(part.slice(open + 1, closing(part, open)))
        uniques.push({ name, columns })
        name = null
      }
    }
  }
  return {
    autoincrement: list.some((token) => word(token) === 'AUTOINCREMENT'),
    checks,
    uniques,
    foreignKeys,
    generated,
    collations,
    deferred,
    conflicts,
    beyond: [...beyond, ...afterwards(list)],
  }
}

const isDeferred = (part: readonly Token[]): boolean =>
  part.some(
    (token, i) =>
      word(token) === 'DEFERRABLE' &&
      word(part[i - 1]) !== 'NOT' &&
      word(part[i + 1]) === 'INITIALLY' &&
      word(part[i + 2]) === 'DEFERRED',
  )

/** `on conflict replace`; refusing is what is done without a word. */
function conflictOf(part: readonly Token[]): string | null {
  const at = part.findIndex((token, i) => word(token) === 'ON' && word(part[i + 1]) === 'CONFLICT')
  const action = at < 0 ? 'ABORT' : word(part[at + 2])
  return action === 'ABORT' ? null : `on conflict ${action.toLowerCase()}`
}

/** What follows the outer parentheses: `strict`, `without rowid`. */
function afterwards(list: readonly Token[]): string[] {
  const open = list.findIndex((token) => token.text === '(')
  const rest = open < 0 ? [] : list.slice(closing(list, open) + 1)
  return rest
    .map(word)
    .join(' ')
    .toLowerCase()
    .split(/ , | ;|;/)
    .filter((text) => text !== '')
}

function columnNames(list: readonly Token[]): string[] {
  return list.filter((_token, i) => i === 0 || list[i - 1]!.text === ',').map((token) => token.name)
}

/** The condition of a `CREATE INDEX … WHERE …`; undefined without one. */
export function indexCondition(sql: string): string | undefined {
  const list = tokens(sql)
  const open = list.findIndex((token) => token.text === '(')
  const at = open < 0 ? undefined : list[closing(list, open) + 1]
  return word(at) === 'WHERE' ? sql.slice(at!.end).trim() : undefined
}

/** The parts of a `CREATE INDEX` as they were written, without their direction and collation. */
export function indexParts(sql: string): { readonly sql: string; readonly collation: string | undefined }[] {
  return definitions(tokens(sql)).map((part) => {
    const kept = ['ASC', 'DESC'].includes(word(part.at(-1))) ? part.slice(0, -1) : part
    const collated = word(kept.at(-2)) === 'COLLATE'
    const own = collated ? kept.slice(0, -2) : kept
    const wrapped = own[0]?.text === '(' && closing(own, 0) === own.length - 1 ? own.slice(1, -1) : own
    return {
      sql: wrapped.length === 0 ? '' : sql.slice(wrapped[0]!.start, wrapped.at(-1)!.end),
      collation: collated ? kept.at(-1)!.name : undefined,
    }
  })
}
