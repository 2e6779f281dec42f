/** What a statement asks, read from its text: the compiler's is regular, and text is all that any statement has. */

/** A statement in a few words. */
export interface Question {
  readonly verb: 'read' | 'count' | 'exists' | 'insert' | 'update' | 'delete' | 'other'
  readonly table: string | null
  /** The column that the first condition compares with a value, and the table it is of. */
  readonly by: { readonly table: string; readonly column: string } | null
  /** There are other conditions. */
  readonly more: boolean
  /** Of a read: not all that match. */
  readonly cut: 'one' | 'some' | null
  /** Columns that are written. */
  readonly set: readonly string[]
}

const NAME = '["`]([^"`]+)["`]'
const FROM = new RegExp(`\\bFROM ${NAME}(?: ["\`](t\\d+)["\`])?`)
const WRITES = new RegExp(`^(INSERT|REPLACE|UPDATE|DELETE)\\b[^"\`]*${NAME}`)
const JOIN = new RegExp(`JOIN ${NAME} ["\`](t\\d+)["\`]`, 'g')
const WHERE = new RegExp(`\\bWHERE \\(*(?:${NAME}\\.)?${NAME} (?:= |IN \\()`)
const SET = new RegExp(`${NAME} = `, 'g')

const VERBS = { INSERT: 'insert', REPLACE: 'insert', UPDATE: 'update', DELETE: 'delete' } as const

/** Reads the text of a statement. */
export function questionOf(sql: string): Question {
  const write = WRITES.exec(sql)
  if (write !== null) {
    const verb = VERBS[write[1] as keyof typeof VERBS]
    const table = write[2]!
    const written = verb === 'update' ? /\bSET (.*?)(?: WHERE |$)/s.exec(sql)?.[1] : undefined
    const set = written === undefined ? [] : [...written.matchAll(SET)].map((found) => found[1]!)
    return { verb, table, ...conditionOf(sql, table, new Map()), cut: null, set }
  }
  const from = FROM.exec(sql)
  if (!/^(?:SELECT|WITH)\b/.test(sql) || from === null)
    return { verb: 'other', table: null, by: null, more: false, cut: null, set: [] }
  const table = from[1]!
  const aliases = new Map([[from[2] ?? table, table]])
  for (const [, joined, alias] of sql.matchAll(JOIN)) aliases.set(alias!, joined!)
  const verb = /^SELECT COUNT\(/.test(sql) ? 'count' : /^SELECT 1 FROM/.test(sql) ? 'exists' : 'read'
  const cut = verb !== 'read' || !/ LIMIT /.test(sql) ? null : / LIMIT 21$/.test(sql) ? 'one' : 'some'
  return { verb, table, ...conditionOf(sql, table, aliases), cut, set: [] }
}

function conditionOf(sql: string, table: string, aliases: ReadonlyMap<string, string>): Pick<Question, 'by' | 'more'> {
  const where = WHERE.exec(sql)
  if (where === null) return { by: null, more: sql.includes(' WHERE ') }
  const of = where[1] === undefined ? table : (aliases.get(where[1]) ?? where[1])
  return { by: { table: of, column: where[2]! }, more: / (?:AND|OR) /.test(sql.slice(where.index)) }
}

/** The text with lists of parameters of any length as one: what tells statements apart. */
export function shapeOf(sql: string): string {
  return sql.replace(/\((?:\?|\$\d+(?:::[\w ]+)?)(?:, ?(?:\?|\$\d+(?:::[\w ]+)?))+\)/g, '(…)')
}

/** The statement as people read it: its columns left out. */
export function briefly(sql: string): string {
  const text = sql
    .replace(/^SELECT (?!COUNT\(|1 FROM).*? FROM /s, 'SELECT … FROM ')
    .replace(/\(SELECT value FROM json_each\(\?\)\)/g, '(…)')
  return text.length > 240 ? `${text.slice(0, 240)}…` : text
}
