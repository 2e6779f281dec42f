/**
 * Prints plain data as TypeScript, laid out as a formatter would: on one line where it fits, else one item a line.
 */

/** A function call; `name` may have dots, its first part is what a file imports. */
export interface Call {
  readonly call: string
  readonly args: readonly Source[]
}
/** An object; `open` puts every entry on a line of its own. */
export interface ObjectSource {
  readonly entries: readonly (readonly [key: string, value: Source])[]
  readonly open?: boolean
}
/** A list, as code that is printed. `open`: over several lines even where it would fit one. */
export interface ListSource {
  readonly items: readonly Source[]
  readonly open?: boolean
}
/** Text that is code already: a literal, an imported name. */
export interface TextSource {
  readonly text: string
}
/** Code of a migration file or model, before it is cut into lines. */
export type Source = Call | ObjectSource | ListSource | TextSource

const WIDTH = 120

/** The code of a value. `indent`: spaces before its first line; `used`: characters taken on that line, before and after. */
export function print(source: Source, indent = 0, used = indent): string {
  const flat = flatten(source)
  if (flat !== null && used + flat.length <= WIDTH) return flat
  const inner = indent + 2
  const pad = ' '.repeat(inner)
  const end = `\n${' '.repeat(indent)}`
  if ('text' in source) return source.text
  if ('entries' in source) {
    const lines = source.entries.map(([key, value]) => {
      const head = `${pad}${propertyName(key)}: `
      return `${head}${print(value, inner, head.length + 1)},`
    })
    return `{\n${lines.join('\n')}${end}}`
  }
  const items = 'call' in source ? source.args : source.items
  if ('call' in source && hugs(source)) {
    const head = [source.call, '(', ...source.args.slice(0, -1).map((arg) => `${flatten(arg)}, `)].join('')
    return `${head}${print(source.args.at(-1)!, indent, WIDTH + 1)})`
  }
  const lines = items.map((item) => `${pad}${print(item, inner, inner + 1)},`)
  const [open, close] = 'call' in source ? [`${source.call}(`, ')'] : ['[', ']']
  return items.length === 0 ? open + close : `${open}\n${lines.join('\n')}${end}${close}`
}

/** Everything on one line; null where something inside must be open. */
function flatten(source: Source): string | null {
  if ('text' in source) return source.text
  if ('entries' in source) {
    if (source.entries.length === 0) return '{}'
    if (source.open) return null
    const parts = source.entries.map(([key, value]) => join(propertyName(key), flatten(value)))
    return parts.includes(null) ? null : `{ ${parts.join(', ')} }`
  }
  if ('items' in source && source.items.length > 0 && (source.open || isGrid(source.items))) return null
  const parts = ('call' in source ? source.args : source.items).map(flatten)
  if (parts.includes(null)) return null
  return 'call' in source ? `${source.call}(${parts.join(', ')})` : `[${parts.join(', ')}]`
}

function join(key: string, value: string | null): string | null {
  return value === null ? null : `${key}: ${value}`
}

/** Formatters open a list of several lists, or of several objects, each with several items. */
function isGrid(items: readonly Source[]): boolean {
  if (items.length < 2) return false
  return (
    items.every((item) => 'items' in item && item.items.length > 1) ||
    items.every((item) => 'entries' in item && item.entries.length > 1)
  )
}

/** The last argument stays on the call's line: it is an object or list, and the only one. */
function hugs(source: Call): boolean {
  const last = source.args.at(-1)
  if (last === undefined || 'call' in last || 'text' in last) return false
  const before = source.args.at(-2)
  if (before !== undefined && 'entries' in before === 'entries' in last && 'items' in before === 'items' in last) {
    return false
  }
  return source.args.slice(0, -1).every((arg) => flatten(arg) !== null && !('call' in arg))
}

/** A key of an object, quoted where it must be. */
function propertyName(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : stringLiteral(key)
}

/** A string in the quotes that need fewer escapes. */
export function stringLiteral(text: string): string {
  const json = JSON.stringify(text).replace(/[\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`)
  if (text.includes("'") && !text.includes('"')) return json
  return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
