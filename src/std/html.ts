/**
 * Text that becomes HTML. Everything is escaped unless it says that it is HTML already, which it does with one
 * method: `[Symbol.for('nuages.html')](): string`. SafeString has it, and so may a form or a field; no JSON or form
 * input can have it, as symbols do not travel.
 */

/** The key under which an object gives its own HTML. Registered, so that two copies of the package agree. */
export const HTML: unique symbol = Symbol.for('nuages.html') as any // a registered symbol cannot be declared unique

/** What renders itself: its HTML is used as it is, never escaped again. */
export interface Html {
  [HTML](): string
}

/** A string that is HTML already. Made by {@link markSafe} and {@link html}. */
export class SafeString implements Html {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** Length in UTF-16 units, as of a string. */
  get length(): number {
    return this.#text.length
  }

  [HTML](): string {
    return this.#text
  }

  toString(): string {
    return this.#text
  }

  toJSON(): string {
    return this.#text
  }
}

const SPECIAL = /[&<>"']/

/**
 * `value` as text with `& < > " '` replaced: `&amp; &lt; &gt; &quot; &#x27;`, as Django does. Null and undefined give
 * `''`. Escapes always, SafeString included; {@link toHtml} is the one that knows better.
 * Not enough inside unquoted attributes, `<script>` or `style`.
 */
export function escapeHtml(value: unknown): string {
  const text = typeof value === 'string' ? value : value === null || value === undefined ? '' : String(value)
  const first = text.search(SPECIAL)
  if (first === -1) return text
  let out = ''
  let from = 0
  for (let i = first; i < text.length; i++) {
    let entity: string
    switch (text.charCodeAt(i)) {
      case 38:
        entity = '&amp;'
        break
      case 60:
        entity = '&lt;'
        break
      case 62:
        entity = '&gt;'
        break
      case 34:
        entity = '&quot;'
        break
      case 39:
        entity = '&#x27;'
        break
      default:
        continue
    }
    out += text.slice(from, i) + entity
    from = i + 1
  }
  return out + text.slice(from)
}

/** Says that `text` is HTML and may go out unescaped. Never call it with anything a visitor typed. */
export function markSafe(text: string | SafeString): SafeString {
  return text instanceof SafeString ? text : new SafeString(String(text))
}

/** True for values that give their own HTML: SafeString, bound forms and fields. */
export function isSafe(value: unknown): value is Html {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Html>)[HTML] === 'function' // asked, then known
}

/**
 * Any value as HTML: what {@link html} does with each `${}`. HTML stays, arrays are joined without separator,
 * null, undefined and false vanish, the rest is escaped.
 */
export function toHtml(value: unknown): string {
  if (typeof value === 'string') return escapeHtml(value)
  if (typeof value === 'number') return String(value)
  if (value === null || value === undefined || value === false) return ''
  if (isSafe(value)) return value[HTML]()
  if (Array.isArray(value)) {
    let out = ''
    for (const item of value) out += toHtml(item)
    return out
  }
  return escapeHtml(value)
}

/**
 * HTML from a template literal, every value escaped:
 *
 *     html`<li class="${kind}">${book.title}</li>`           // SafeString
 *     html`<ul>${books.map((b) => html`<li>${b.title}</li>`)}</ul>`
 *
 * Put attribute values between quotes; there is no safe way to put a value into `<script>` here.
 */
export function html(strings: TemplateStringsArray, ...values: unknown[]): SafeString {
  let out = strings[0]!
  for (let i = 0; i < values.length; i++) out += toHtml(values[i]) + strings[i + 1]!
  return new SafeString(out)
}
