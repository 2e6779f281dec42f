/**
 * Conditions that are written as SQL, as lookups where they are simple enough: comparisons of columns with constants, lists
 * and ranges of them, nulls, joined by AND and OR. What says more is kept as its own text by who asks.
 *
 *     expression := all (OR all)* ; all := one (AND one)* ; one := comparison | '(' expression ')'
 *     comparison := column (= | < | <= | > | >=) constant | column IS [NOT] NULL | column IN (constants)
 *                 | column = ANY (ARRAY[constants]) | column BETWEEN constant AND constant
 */
import { print, type Source, stringLiteral } from '../migrations/source.ts'
import type { Entry } from './columns.ts'

/** A column's field, and what constants its values compare with; null: with none that is known here. */
export interface ConditionField {
  readonly name: string
  readonly values: 'numbers' | 'texts' | null
}

/** One lookup, or several joined. */
type Part = { readonly path: string; readonly value: string } | Joined
interface Joined {
  readonly join: 'and' | 'or'
  readonly parts: readonly Part[]
}

const COMPARE: Readonly<Record<string, string>> = { '>=': '__gte', '<=': '__lte', '>': '__gt', '<': '__lt', '=': '' }

/**
 * The condition, by field: a record of lookups, or `Own(…).or(…)`; null where it says more than lookups do here.
 * @param fieldOf   the field of a column
 */
export function readCheck(sql: string, fieldOf: (column: string) => ConditionField | null): Source | null {
  const reader = new Reader(sql, fieldOf)
  const part = reader.whole()
  return part === null ? null : sourceOf(part)
}

// ---------------------------------------------------------------- to source

/** A record, where every lookup is there once and all of them hold. */
function recordOf(part: Part): Source | null {
  const parts = 'join' in part ? part.parts : [part]
  const entries: Entry[] = []
  for (const each of parts) {
    if ('join' in each || ('join' in part && part.join === 'or')) return null
    if (entries.some(([path]) => path === each.path)) return null
    entries.push([each.path, { text: each.value }])
  }
  return { entries }
}

function sourceOf(part: Part): Source {
  const record = recordOf(part)
  if (record !== null) return record
  const { join, parts } = part as Joined // a single lookup is a record
  const [first, ...rest] = parts
  const own = recordOf(first!)
  const head = own === null ? text(sourceOf(first!)) : `Own(${text(own)})`
  return { text: head + rest.map((each) => `.${join}(${text(sourceOf(each))})`).join('') }
}

const text = (source: Source): string => print(source).replace(/\s*\n\s*/g, ' ')

// ---------------------------------------------------------------- to parts

const TOKEN =
  /\s*(?:('(?:[^']|'')*')|("(?:[^"]|"")*"|`(?:[^`]|``)*`)|(-?\d+(?:\.\d+)?)(?![\w.])|([A-Za-z_][\w$]*)|(::\s*[a-z_]+(?: varying| precision| with(?:out)? time zone)?(?:\(\d+(?:,\s*\d+)?\))?(?:\[\])?)|(>=|<=|<>|!=|[><=(),[\]])|(\S))/gi

/** Types in which a column compares as it does in its own. */
const WIDER = /^(?:text|character varying|numeric|double precision)$/i

interface Token {
  readonly type: 'text' | 'name' | 'number' | 'word' | 'cast' | 'sign'
  readonly text: string
}

/** Reads from left to right; each of its methods gives null, and stays where it was, where there is nothing of its kind. */
class Reader {
  readonly #tokens: Token[]
  readonly #fieldOf: (column: string) => ConditionField | null
  #at = 0

  constructor(sql: string, fieldOf: (column: string) => ConditionField | null) {
    this.#fieldOf = fieldOf
    this.#tokens = [...sql.matchAll(TOKEN)].flatMap(([, string, name, number, word, cast, sign, other]): Token[] => {
      if (cast !== undefined) return [{ type: 'cast', text: cast.slice(2).trim() }]
      if (string !== undefined) return [{ type: 'text', text: string.slice(1, -1).replaceAll("''", "'") }]
      if (name !== undefined)
        return [{ type: 'name', text: name.slice(1, -1).replaceAll(name[0]! + name[0], () => name[0]!) }]
      if (number !== undefined) return [{ type: 'number', text: number }]
      if (word !== undefined) return [{ type: 'word', text: word }]
      return [{ type: 'sign', text: sign ?? other ?? '' }]
    })
  }

  /** The expression, if it is all there is. */
  whole(): Part | null {
    const part = this.#joined('or')
    return part !== null && this.#at === this.#tokens.length ? part : null
  }

  #joined(join: 'and' | 'or'): Part | null {
    const one = (): Part | null => (join === 'or' ? this.#joined('and') : this.#one())
    const parts: Part[] = []
    do {
      const part = one()
      if (part === null) return null
      if ('join' in part && part.join === join) parts.push(...part.parts)
      else parts.push(part)
    } while (this.#takes('word', join))
    return parts.length === 1 ? parts[0]! : { join, parts }
  }

  #one(): Part | null {
    const start = this.#at
    const part = this.#comparison()
    if (part !== null) return part
    this.#at = start
    if (!this.#takes('sign', '(')) return null
    const inner = this.#joined('or')
    return inner !== null && this.#takes('sign', ')') ? inner : null
  }

  #comparison(): Part | null {
    const field = this.#column()
    if (field === null) return null
    if (this.#takes('word', 'is')) {
      const not = this.#takes('word', 'not')
      return this.#takes('word', 'null') ? { path: `${field.name}__isnull`, value: String(!not) } : null
    }
    if (this.#takes('word', 'in')) return this.#among(field, '(', ')')
    if (this.#takes('word', 'between')) {
      const low = this.#constant(field)
      const high = low !== null && this.#takes('word', 'and') ? this.#constant(field) : null
      if (low === null || high === null) return null
      const parts = [
        { path: `${field.name}__gte`, value: low },
        { path: `${field.name}__lte`, value: high },
      ]
      return { join: 'and', parts }
    }
    const sign = this.#tokens[this.#at]
    const suffix = sign?.type === 'sign' ? COMPARE[sign.text] : undefined
    if (suffix === undefined) return null
    this.#at++
    if (sign!.text === '=' && this.#takes('word', 'any')) return this.#any(field)
    // Texts are in an order of the database's own.
    if (suffix !== '' && field.values === 'texts') return null
    const value = this.#constant(field)
    return value === null ? null : { path: `${field.name}${suffix}`, value }
  }

  /** `(ARRAY['a', 'b'])`, which PostgreSQL makes of a list. */
  #any(field: ConditionField): Part | null {
    let depth = 0
    while (this.#takes('sign', '(')) depth++
    if (depth === 0 || !this.#takes('word', 'array')) return null
    const part = this.#among(field, '[', ']')
    this.#casts()
    while (depth > 0 && this.#takes('sign', ')')) {
      depth--
      this.#casts()
    }
    return depth === 0 ? part : null
  }

  #among(field: ConditionField, open: string, close: string): Part | null {
    if (!this.#takes('sign', open)) return null
    const values: string[] = []
    do {
      const value = this.#constant(field)
      if (value === null) return null
      values.push(value)
    } while (this.#takes('sign', ','))
    return this.#takes('sign', close) ? { path: `${field.name}__in`, value: `[${values.join(', ')}]` } : null
  }

  #column(): ConditionField | null {
    let field: ConditionField | null = null
    const token = this.#tokens[this.#at]
    if (this.#takes('sign', '(')) {
      field = this.#column()
      if (!this.#takes('sign', ')')) return null
    } else if (token?.type === 'name' || token?.type === 'word') {
      this.#at++
      field = this.#fieldOf(token.text)
    }
    this.#casts(WIDER)
    return field
  }

  /** A constant as code. */
  #constant(field: ConditionField): string | null {
    if (this.#takes('sign', '(')) {
      const value = this.#constant(field)
      if (value === null || !this.#takes('sign', ')')) return null
      this.#casts()
      return value
    }
    const token = this.#tokens[this.#at]
    if (token === undefined || field.values === null) return null
    this.#at++
    this.#casts()
    if (field.values === 'texts') return token.type === 'text' ? stringLiteral(token.text) : null
    const isNumber = (token.type === 'number' || token.type === 'text') && /^-?\d+(\.\d+)?$/.test(token.text)
    const value = Number(token.text)
    if (!isNumber || (!Number.isSafeInteger(value) && !token.text.includes('.'))) return null
    return String(value)
  }

  /** Passes over casts, those of PostgreSQL's own making. */
  #casts(only = /^/): void {
    for (let next = this.#tokens[this.#at]; next?.type === 'cast' && only.test(next.text); )
      next = this.#tokens[++this.#at]
  }

  #takes(type: Token['type'], text: string): boolean {
    const token = this.#tokens[this.#at]
    if (token?.type !== type || token.text.toLowerCase() !== text) return false
    this.#at++
    return true
  }
}
