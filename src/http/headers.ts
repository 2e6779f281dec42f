import { Buffer } from 'node:buffer'
import { ResponseError } from './errors.ts'

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** What would end the header and begin another, or the body: header injection. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to refuse
const BAD_VALUE = /[\x00-\x08\x0a-\x1f\x7f]/

/**
 * Headers with the face of the web's `Headers`, kept as a flat list: no object per header, and the node server writes
 * the list as it is.
 */
export class HeaderMap implements Headers {
  /** Names in lower case and values, in turns. */
  #list: string[]

  constructor(init?: HeadersInit | null) {
    this.#list = []
    if (init === undefined || init === null) return
    const pairs = Symbol.iterator in init ? init : Object.entries(init as Record<string, string>)
    for (const [name, value] of pairs as Iterable<[string, string]>) this.append(name, value)
  }

  /** Takes over a flat list of names in lower case and checked values. */
  static of(list: string[]): HeaderMap {
    const headers = new HeaderMap()
    headers.#list = list
    return headers
  }

  append(name: string, value: string): void {
    this.#list.push(checkName(name), checkValue(name, value))
  }

  delete(name: string): void {
    const list = this.#list
    const key = name.toLowerCase()
    for (let i = list.length - 2; i >= 0; i -= 2) if (list[i] === key) list.splice(i, 2)
  }

  get(name: string): string | null {
    const list = this.#list
    const key = name.toLowerCase()
    let found: string | null = null
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === key)
        found = found === null ? list[i + 1]! : `${found}${key === 'cookie' ? '; ' : ', '}${list[i + 1]}`
    }
    return found
  }

  getSetCookie(): string[] {
    return this.#list.filter((_, i) => i % 2 === 1 && this.#list[i - 1] === 'set-cookie')
  }

  has(name: string): boolean {
    const list = this.#list
    const key = name.toLowerCase()
    for (let i = 0; i < list.length; i += 2) if (list[i] === key) return true
    return false
  }

  set(name: string, value: string): void {
    this.put(checkName(name), checkValue(name, value))
  }

  /** `set` for a name in lower case and a value that are known to be right: constants, numbers, dates. */
  put(name: string, value: string): void {
    const list = this.#list
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] !== name) continue
      list[i + 1] = value
      for (let j = list.length - 2; j > i; j -= 2) if (list[j] === name) list.splice(j, 2)
      return
    }
    list.push(name, value)
  }

  /** `put`, unless the header is there. */
  putDefault(name: string, value: string): void {
    const list = this.#list
    for (let i = 0; i < list.length; i += 2) if (list[i] === name) return
    list.push(name, value)
  }

  /** Adds a word to a list such as Vary, unless it is there. */
  addToken(name: string, token: string): void {
    const now = this.get(name)
    if (now === null || now === '') this.set(name, token)
    else if (now !== '*' && !now.split(/\s*,\s*/).some((word) => word.toLowerCase() === token.toLowerCase())) {
      this.set(name, `${now}, ${token}`)
    }
  }

  /** The list itself, for the server: names and values in turns. Not to be changed. */
  flat(): readonly string[] {
    return this.#list
  }

  forEach(callback: (value: string, name: string, parent: Headers) => void, thisArg?: unknown): void {
    for (const [name, value] of this) callback.call(thisArg, value, name, this)
  }

  /** Sorted by name, equal names joined, each Set-Cookie by itself: as the web's `Headers`. */
  *entries(): ReturnType<Headers['entries']> {
    const names = new Set<string>()
    for (let i = 0; i < this.#list.length; i += 2) names.add(this.#list[i]!)
    for (const name of [...names].sort()) {
      if (name === 'set-cookie') for (const value of this.getSetCookie()) yield [name, value]
      else yield [name, this.get(name)!]
    }
    return undefined
  }

  *keys(): ReturnType<Headers['keys']> {
    for (const [name] of this.entries()) yield name
    return undefined
  }

  *values(): ReturnType<Headers['values']> {
    for (const [, value] of this.entries()) yield value
    return undefined
  }

  [Symbol.iterator](): ReturnType<Headers['entries']> {
    return this.entries()
  }

  toJSON(): Record<string, string> {
    return Object.fromEntries(this)
  }
}

// `headers instanceof Headers` holds, without the cost of building one.
Object.setPrototypeOf(HeaderMap.prototype, Headers.prototype)

function checkName(name: string): string {
  if (NAME.test(name)) return name.toLowerCase()
  throw new ResponseError(`${JSON.stringify(name)} is not the name of a header.`, { code: 'http.bad-header' })
}

function checkValue(name: string, value: string): string {
  const text = String(value)
  if (BAD_VALUE.test(text)) {
    throw new ResponseError(`The value of header "${name}" has a line break or another control character.`, {
      code: 'http.bad-header',
      hint: 'It would end the header and begin another (header injection): remove it from what you put there.',
    })
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the characters headers can carry
  if (/^[\x00-\xff]*$/.test(text)) return text
  return `=?utf-8?b?${Buffer.from(text.toWellFormed()).toString('base64')}?=` // RFC 2047, as Django
}
