/** Flags of `makemigrations` that answer questions, read from text. Hints in models are written the same way. */
import { ConfigurationError } from '../../std/errors.ts'

/** `library.Book.title:name`: `label` is the model's, `field` null where the model itself was renamed. */
export interface Rename {
  readonly label: string
  readonly field: string | null
  /** The new name; of a model that moved to another app its label. */
  readonly to: string
  used: boolean
}

/** What it was called, with its app: `library.Book.title`, `library.Book`. */
export const oldLabel = ({ label, field }: Rename): string => (field === null ? label : `${label}.${field}`)

/** What it is called then. */
export function newLabel({ label, field, to }: Rename): string {
  if (field !== null) return `${label}.${to}`
  return to.includes('.') ? to : `${label.split('.')[0]}.${to}`
}

/** Renames that come back to where they began, in order: `a` to `b` and `b` to `a`. */
export function circles(renames: readonly Rename[]): Rename[][] {
  const next = new Map(renames.map((each) => [oldLabel(each), each]))
  const seen = new Set<Rename>()
  return [...next.values()].flatMap((first) => {
    const way: Rename[] = []
    for (let at: Rename | undefined = first; at !== undefined && !seen.has(at); at = next.get(newLabel(at))) {
      seen.add(at)
      way.push(at)
    }
    const last = way.at(-1)
    // A way may lead into a circle that it is no part of.
    const entry = last === undefined ? -1 : way.findIndex((each) => oldLabel(each) === newLabel(last))
    return entry >= 0 && way.length - entry > 1 ? [way.slice(entry)] : []
  })
}

/** `library.Book.pages=0` */
export interface Default {
  readonly label: string
  readonly name: string
  readonly value: string
  used: boolean
}

/** `library.Book.title`, `library.Book`, or `all`. */
export interface Drop {
  readonly name: string
  used: boolean
}

/** @throws ConfigurationError migrations.bad-flag */
export function parseRename(flag: string): Rename {
  const match = /^([a-z]\w*\.\w+)(?:\.(\w+):(\w+)|:((?:[a-z]\w*\.)?\w+))$/.exec(flag)
  if (match) return { label: match[1]!, field: match[2] ?? null, to: match[3] ?? match[4]!, used: false }
  throw new ConfigurationError(`--rename ${flag} is not understood.`, {
    code: 'migrations.bad-flag',
    hint: 'Write app.Model.oldField:newField for a field, app.OldModel:NewModel for a model, app.Model:otherApp.Model for one that moved.',
  })
}

/** @throws ConfigurationError migrations.bad-flag */
export function parseDefault(flag: string): Default {
  const match = /^([a-z]\w*\.\w+)\.(\w+)=(.*)$/s.exec(flag)
  if (match) return { label: match[1]!, name: match[2]!, value: match[3]!, used: false }
  throw new ConfigurationError(`--default ${flag} is not understood.`, {
    code: 'migrations.bad-flag',
    hint: 'Write app.Model.field=value.',
  })
}

/** @throws ConfigurationError migrations.bad-flag */
export function parseDrop(flag: string): Drop {
  if (flag === 'all' || /^[a-z]\w*\.\w+(\.\w+)?$/.test(flag)) return { name: flag, used: false }
  throw new ConfigurationError(`--drop ${flag} is not understood.`, {
    code: 'migrations.bad-flag',
    hint: 'Write app.Model.field for a column, app.Model for a table, or all.',
  })
}
