/** SQL written by the project, with places for arguments; one text for each family of databases. */
import type { Kind } from '../kinds.ts'
import { QueryUsageError } from '../query/errors.ts'
import type { SqlExpr, Vendor } from './nodes.ts'

/**
 * SQL text with `$1`, `$2` … for arguments and `$*` for all of them; `$$` is a dollar sign. One text, or one for each
 * family of databases, `default` for the others.
 */
export type SqlTemplate = string | { readonly [V in Vendor | 'default']?: string }

/** A text cut at its arguments: numbers from 0, `*` for all. */
export interface CutTemplate {
  readonly parts: readonly string[]
  readonly args: readonly (number | '*')[]
}

function cut(text: string): CutTemplate {
  const parts: string[] = ['']
  const args: (number | '*')[] = []
  for (const piece of text.split(/(\$\$|\$\*|\$[1-9]\d?)/)) {
    if (piece === '$$') parts[parts.length - 1] += '$'
    else if (piece.startsWith('$') && piece.length > 1) {
      args.push(piece === '$*' ? '*' : Number(piece.slice(1)) - 1)
      parts.push('')
    } else parts[parts.length - 1] += piece
  }
  return { parts, args }
}

/** Templates by vendor, cut once. */
export class Templates {
  private readonly cuts: ReadonlyMap<string, CutTemplate>
  private readonly what: string
  /** The texts by vendor, as they were given. */
  readonly texts: readonly (readonly [vendor: string, text: string])[]

  constructor(what: string, sql: SqlTemplate) {
    this.what = what
    this.texts = Object.entries(typeof sql === 'string' ? { default: sql } : sql)
    this.cuts = new Map(this.texts.map(([vendor, text]) => [vendor, cut(text)]))
    if (this.cuts.size > 0 && [...this.cuts.values()].every(({ parts }) => !parts.join('').includes('\0'))) return
    throw new QueryUsageError(`${what} has no SQL, or a NUL in it.`, {
      code: 'db.bad-function',
      hint: "Give a text as 'SOUNDEX($1)', or texts by database.",
    })
  }

  /** How many arguments it takes; null: any number. */
  get arity(): number | null {
    const all = [...this.cuts.values()].flatMap(({ args }) => args)
    if (all.includes('*')) return null
    return all.reduce<number>((most, arg) => Math.max(most, Number(arg) + 1), 0)
  }

  /** The SQL of a database around its arguments. @throws QueryUsageError db.no-sql-here */
  node(vendor: Vendor, args: readonly SqlExpr[], kind: Kind): SqlExpr {
    const template = this.cuts.get(vendor) ?? this.cuts.get('default')
    if (template === undefined) {
      throw new QueryUsageError(`${this.what} has no SQL for ${vendor}.`, {
        code: 'db.no-sql-here',
        hint: `Add it: { ${vendor}: '…' }, or a default.`,
      })
    }
    const parts = ['(']
    const nodes: SqlExpr[] = []
    template.parts.forEach((part, i) => {
      parts[parts.length - 1] += part
      const arg = template.args[i]
      if (arg === undefined) return
      const chosen = arg === '*' ? args : [args[arg]!]
      chosen.forEach((node, at) => {
        nodes.push(node)
        parts.push(at < chosen.length - 1 ? ', ' : '')
      })
    })
    parts[parts.length - 1] += ')'
    return { t: 'raw', parts, nodes, kind }
  }
}
