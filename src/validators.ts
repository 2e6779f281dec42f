/**
 * Validators: functions that accept a value or throw {@link ValidationError}. Fields, forms and the API share them.
 * The text ones meet hostile input first: each caps the length before it looks closer, uses patterns that take linear
 * time, and refuses a trailing newline (CVE-2023-36053, CVE-2021-32052, CVE-2024-56374).
 *
 * One file although it is long: they are a flat list of small functions, and a door of their own (`nuages/validators`).
 */
import { LazyText, t, tn } from './i18n/index.ts'
import { Decimal, readDecimal } from './std/decimal.ts'
import { NuagesError } from './std/errors.ts'
import { isIpv4, isIpv6 } from './std/ip.ts'

/** Accepts by returning, refuses by throwing {@link ValidationError}. */
export type Validator<T = unknown> = (value: T) => void

/** What may be told to a user: text, or text translated when shown. */
export type Message = string | LazyText

export interface ValidationErrorOptions {
  /** What kind of fault, for programs: `required`, `max_length`. Default `invalid`. */
  readonly kind?: string
  readonly cause?: unknown
}

/**
 * Input that is refused, with messages for the user. Either `messages` about the value as a whole, or `fields`:
 * messages by field name.
 *
 *     throw new ValidationError(t('The end is before the start.'))
 *     throw new ValidationError({ end: [t('Before the start.')] })
 *
 * Code `validators.invalid`, status 400.
 */
export class ValidationError extends NuagesError {
  /** Messages about the value as a whole. */
  readonly messages: readonly string[]
  /** Messages by field; empty when the error is about one value. */
  readonly fields: Readonly<Record<string, readonly string[]>>
  /** Kind of fault: `invalid`, `required`, `max_length` … as Django's codes. */
  readonly kind: string

  constructor(
    problem: Message | readonly Message[] | Readonly<Record<string, Message | readonly Message[]>>,
    options: ValidationErrorOptions = {},
  ) {
    const messages = isMessages(problem) ? texts(problem) : []
    const fields: Record<string, readonly string[]> = Object.create(null)
    if (!isMessages(problem)) for (const [name, list] of Object.entries(problem)) fields[name] = texts(list)
    const told = [
      ...messages,
      ...Object.entries(fields).flatMap(([name, list]) => list.map((text) => `${name}: ${text}`)),
    ]
    super(told.join(' ') || 'The value is not valid.', {
      code: 'validators.invalid',
      status: 400,
      cause: options.cause,
    })
    this.messages = Object.freeze(messages)
    this.fields = Object.freeze(fields)
    this.kind = options.kind ?? 'invalid'
  }
}

function isMessages(problem: object | string): problem is Message | readonly Message[] {
  return typeof problem === 'string' || Array.isArray(problem) || problem instanceof LazyText
}

function texts(problem: Message | readonly Message[]): string[] {
  return (Array.isArray(problem) ? problem : [problem]).map(String)
}

function refuse(message: string, kind = 'invalid'): never {
  throw new ValidationError(message, { kind })
}

// ---------------------------------------------------------------- addresses

/** Longest address accepted: 64 before the @, 255 after it (RFC 3696, erratum 1690). */
const MAX_EMAIL = 320
// Here and below: each character fits one place only, so no text can be read in two ways and nothing backtracks.
const LOCAL = /^[-!#$%&'*+/=?^_`{}|~0-9a-z]+(?:\.[-!#$%&'*+/=?^_`{}|~0-9a-z]+)*$/i
// biome-ignore lint/suspicious/noControlCharactersInRegex: what RFC 5321 allows between quotes
const QUOTED_LOCAL = /^"(?:[\x01-\x08\x0b\x0c\x0e-\x1f!#-[\]-\x7f]|\\[\x01-\x09\x0b\x0c\x0e-\x7f])*"$/
const MAIL_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i
const MAIL_TOP = /^[a-z0-9-]{2,63}(?<!-)$/i

/**
 * An e-mail address: `a@b.com`, `a@localhost`, `a@bücher.example`, `a@[::1]`; at most 320 characters.
 * @throws ValidationError kind `invalid`
 */
export function validateEmail(value: unknown): void {
  if (typeof value !== 'string' || !isEmail(value, ['localhost'])) refuse(t('Enter a valid email address.'))
}

/** {@link validateEmail} that accepts other domains without a dot than `localhost`. */
export function email(options: { readonly allowlist: readonly string[] }): Validator {
  return (value) => {
    if (typeof value !== 'string' || !isEmail(value, options.allowlist)) refuse(t('Enter a valid email address.'))
  }
}

function isEmail(value: string, allowlist: readonly string[]): boolean {
  if (value.length > MAX_EMAIL) return false
  const at = value.lastIndexOf('@')
  const local = value.slice(0, Math.max(at, 0))
  const domain = value.slice(at + 1)
  if (!LOCAL.test(local) && !QUOTED_LOCAL.test(local)) return false
  if (allowlist.includes(domain)) return true
  if (domain.startsWith('[') && domain.endsWith(']')) {
    return isIpv4(domain.slice(1, -1)) || isIpv6(domain.slice(1, -1), { scope: false })
  }
  return isMailDomain(domain) || isMailDomain(asciiHost(domain))
}

function isMailDomain(domain: string): boolean {
  const labels = domain.split('.')
  const top = labels.pop()!
  return labels.length > 0 && MAIL_TOP.test(top) && labels.every((label) => MAIL_LABEL.test(label))
}

/** An international host in its ASCII form (`xn--…`); '' when it has none, or is ASCII already. */
function asciiHost(host: string): string {
  if (!/[^\0-\x7f]/.test(host) || /[\0-\x20\x7f/?#@:\\%[\]]/.test(host)) return ''
  return URL.parse(`http://${host}/`)?.hostname ?? ''
}

const MAX_URL = 2048
const MAX_HOST = 253
const SCHEME = /^([a-z][a-z0-9.+-]{0,30}):\/\//i
// No backslash: browsers read it as a slash, so `http://a.com\@b.com` would lead to a.com and show b.com.
const USER_INFO = /^[^\s:@/\\]+(?::[^\s:@/\\]*)?$/
const PORT = /^[0-9]{1,5}$/
const LETTERS = 'a-z\\u00a1-\\uffff'
const HOST_LABEL = new RegExp(`^[${LETTERS}0-9](?:[${LETTERS}0-9-]{0,61}[${LETTERS}0-9])?$`, 'i')
const INNER_LABEL = new RegExp(`^(?!-)[${LETTERS}0-9-]{1,63}(?<!-)$`, 'i')
const TOP_LABEL = new RegExp(`^(?!-)(?:[${LETTERS}-]{2,63}|xn--[a-z0-9]{1,59})(?<!-)$`, 'i')
const WEB_SCHEMES = ['http', 'https', 'ftp', 'ftps']

/**
 * An absolute URL with scheme http, https, ftp or ftps; at most 2048 characters.
 * @throws ValidationError kind `invalid`
 */
export function validateUrl(value: unknown): void {
  if (typeof value !== 'string' || !isUrl(value, WEB_SCHEMES)) refuse(t('Enter a valid URL.'))
}

/** {@link validateUrl} for other schemes, given in lower case. Think twice before `javascript` or `data`. */
export function url(options: { readonly schemes: readonly string[] }): Validator {
  return (value) => {
    if (typeof value !== 'string' || !isUrl(value, options.schemes)) refuse(t('Enter a valid URL.'))
  }
}

function isUrl(value: string, schemes: readonly string[]): boolean {
  if (value.length > MAX_URL || /[\s\p{Cc}]/u.test(value)) return false
  const scheme = SCHEME.exec(value)?.[1]
  if (scheme === undefined || !schemes.includes(scheme.toLowerCase())) return false
  const rest = value.slice(scheme.length + 3)
  const end = rest.search(/[/?#]/)
  const authority = end === -1 ? rest : rest.slice(0, end)
  const at = authority.lastIndexOf('@')
  if (at !== -1 && !USER_INFO.test(authority.slice(0, at))) return false
  const place = authority.slice(at + 1)
  const hostEnd = place.startsWith('[') ? place.indexOf(']') + 1 : place.indexOf(':')
  const host = hostEnd === -1 ? place : place.slice(0, hostEnd)
  const port = hostEnd === -1 ? '' : place.slice(hostEnd)
  if (port !== '' && !(port.startsWith(':') && PORT.test(port.slice(1)))) return false
  if (host.startsWith('[')) return isIpv6(host.slice(1, -1), { scope: false })
  return isIpv4(host) || isHost(host)
}

function isHost(host: string): boolean {
  if (host.length > MAX_HOST) return false
  if (host.toLowerCase() === 'localhost') return true
  const labels = host.split('.')
  if (labels.at(-1) === '') labels.pop() // a final dot
  if (labels.length < 2) return false
  const top = labels.pop()!
  return TOP_LABEL.test(top) && HOST_LABEL.test(labels[0]!) && labels.every((label) => INNER_LABEL.test(label))
}

/** @throws ValidationError kind `invalid` for what is not an IPv4 address */
export function validateIpv4(value: unknown): void {
  if (typeof value !== 'string' || !isIpv4(value)) refuse(t('Enter a valid IPv4 address.'))
}

/** @throws ValidationError kind `invalid` for what is not an IPv6 address */
export function validateIpv6(value: unknown): void {
  if (typeof value !== 'string' || !isIpv6(value)) refuse(t('Enter a valid IPv6 address.'))
}

/** @throws ValidationError kind `invalid` for what is neither an IPv4 nor an IPv6 address */
export function validateIp(value: unknown): void {
  if (typeof value !== 'string' || !(isIpv4(value) || isIpv6(value))) refuse(t('Enter a valid IPv4 or IPv6 address.'))
}

// ---------------------------------------------------------------- text

/** Longest text that {@link regex} looks at, unless told otherwise: 10,000 characters. */
const MAX_REGEX_INPUT = 10_000

/** ASCII letters, digits, `_` and `-`, at least one. @throws ValidationError kind `invalid` */
export function validateSlug(value: unknown): void {
  if (typeof value !== 'string' || !/^[-a-zA-Z0-9_]+$/.test(value)) {
    refuse(t('Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.'))
  }
}

/** {@link validateSlug} with letters and digits of every script. @throws ValidationError kind `invalid` */
export function validateUnicodeSlug(value: unknown): void {
  if (typeof value !== 'string' || !/^[-\p{L}\p{N}_]+$/u.test(value)) {
    refuse(t('Enter a valid “slug” consisting of Unicode letters, numbers, underscores, or hyphens.'))
  }
}

/** Refuses U+0000, which PostgreSQL cannot store. @throws ValidationError kind `null_characters_not_allowed` */
export function validateNoNulls(value: unknown): void {
  if (String(value).includes('\0')) refuse(t('Null characters are not allowed.'), 'null_characters_not_allowed')
}

/** An integer as text. @throws ValidationError kind `invalid` */
export function validateInteger(value: unknown): void {
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value
  if (typeof text !== 'string' || text.length > 1000 || !/^-?\p{Nd}+$/u.test(text)) refuse(t('Enter a valid integer.'))
}

/** Whole numbers between separators, `1,2,3`; with `allowNegative` also `-1,2`. */
export function integerList(
  options: { readonly separator?: string; readonly allowNegative?: boolean } = {},
): Validator {
  const item = options.allowNegative ? /^-?[0-9]+$/ : /^[0-9]+$/
  return (value) => {
    if (typeof value !== 'string' || !value.split(options.separator ?? ',').every((part) => item.test(part))) {
      refuse(t('Enter only digits separated by commas.'))
    }
  }
}

/** How {@link regex} refuses. */
export interface RegexOptions {
  readonly message?: Message
  /** Default `invalid`. */
  readonly kind?: string
  /** Refuse what matches, instead of what does not. */
  readonly inverse?: boolean
  /** Longer text is refused unseen, whatever the pattern's own cost; default 10,000 characters. */
  readonly maxLength?: number
}

/** Text in which `pattern` is found: anchor it with `^` and `$` to mean the whole text. */
export function regex(pattern: RegExp, options: RegexOptions = {}): Validator {
  const fresh = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')) // g and y remember where they stopped
  const { inverse = false, maxLength = MAX_REGEX_INPUT, kind } = options
  return (value) => {
    const text = String(value)
    if (text.length > maxLength || fresh.test(text) === inverse)
      refuse(String(options.message ?? t('Enter a valid value.')), kind)
  }
}

/** Text of at most `limit` characters (code points), or a list of so many. Kind `max_length`. */
export function maxLength(limit: number): Validator {
  return (value) => {
    const n = lengthOf(value)
    if (n > limit) {
      refuse(
        tn(
          'Ensure this value has at most {limit} character (it has {length}).',
          'Ensure this value has at most {limit} characters (it has {length}).',
          limit,
          { limit, length: n },
        ),
        'max_length',
      )
    }
  }
}

/** Text of at least `limit` characters (code points), or a list of so many. Kind `min_length`. */
export function minLength(limit: number): Validator {
  return (value) => {
    const n = lengthOf(value)
    if (n < limit) {
      refuse(
        tn(
          'Ensure this value has at least {limit} character (it has {length}).',
          'Ensure this value has at least {limit} characters (it has {length}).',
          limit,
          { limit, length: n },
        ),
        'min_length',
      )
    }
  }
}

function lengthOf(value: unknown): number {
  if (typeof value !== 'string')
    return typeof value === 'object' && value !== null ? (value as { length: number }).length : String(value).length // a list or bytes
  let n = 0
  for (let i = 0; i < value.length; i++, n++) if (value.codePointAt(i)! > 0xffff) i++
  return n
}

/** A file name, or something with a `name`, that ends in one of `allowed` (lower case, no dots). Kind `invalid_extension`. */
export function fileExtension(allowed: readonly string[]): Validator<string | { readonly name: string }> {
  return (value) => {
    const name = (typeof value === 'string' ? value : value.name).split('/').pop()!.split('\0').join('')
    const dot = name.lastIndexOf('.')
    const extension = dot > 0 ? name.slice(dot + 1).toLowerCase() : ''
    if (!allowed.includes(extension)) {
      refuse(
        t('File extension “{extension}” is not allowed. Allowed extensions are: {allowed}.', {
          extension,
          allowed: allowed.join(', '),
        }),
        'invalid_extension',
      )
    }
  }
}

// ---------------------------------------------------------------- numbers and what else has an order

/** A limit, or how to find it: `() => today()`. */
export type Limit<T> = T | (() => T)
/** What {@link minValue} and {@link maxValue} compare. Temporal values have their order as a static `compare`. */
export type Ordered = number | bigint | string | Date | Decimal | object

/** At least `limit`. Kind `min_value`. Takes `any`: a field knows what its values are compared with. */
export function minValue(limit: Limit<Ordered>): Validator<any> {
  return (value: Ordered) => {
    const least = typeof limit === 'function' ? (limit as () => Ordered)() : limit
    if (!(compare(value, least) >= 0)) {
      refuse(t('Ensure this value is greater than or equal to {limit}.', { limit: show(least) }), 'min_value')
    }
  }
}

/** At most `limit`. Kind `max_value`. Takes `any`, as {@link minValue}. */
export function maxValue(limit: Limit<Ordered>): Validator<any> {
  return (value: Ordered) => {
    const most = typeof limit === 'function' ? (limit as () => Ordered)() : limit
    if (!(compare(value, most) <= 0)) {
      refuse(t('Ensure this value is less than or equal to {limit}.', { limit: show(most) }), 'max_value')
    }
  }
}

function compare(a: Ordered, b: Ordered): number {
  if (Decimal.isDecimal(a) || Decimal.isDecimal(b)) {
    const left = readDecimal(a)
    const right = readDecimal(b)
    return left === null || right === null ? Number.NaN : left.cmp(right)
  }
  const order: unknown = typeof a === 'object' ? Reflect.get(a.constructor, 'compare') : undefined
  if (typeof order === 'function') return order(a, b)
  return a < b ? -1 : a > b ? 1 : a >= b ? 0 : Number.NaN
}

function show(limit: Ordered): string {
  return limit instanceof Date ? limit.toISOString() : String(limit)
}

/** A multiple of `size`, counted from `offset` (default 0). Kind `step_size`. */
export function step(size: number, offset = 0): Validator {
  const exact = new Decimal(size)
  return (value) => {
    const number = readDecimal(value)
    if (number === null || !number.minus(offset).mod(exact).isZero()) {
      refuse(t('Ensure this value is a multiple of step size {size}.', { size }), 'step_size')
    }
  }
}

/** Room of a decimal column. */
export interface DecimalOptions {
  /** Digits in all; null for any number. */
  readonly maxDigits: number | null
  /** Digits after the point; null for any number. */
  readonly decimalPlaces: number | null
}

/**
 * A decimal that a column can hold. Text counts as it is written (`1.50` has two places), a Decimal without trailing zeros.
 * Kinds `invalid`, `max_digits`, `max_decimal_places`, `max_whole_digits`.
 */
export function decimalDigits({ maxDigits, decimalPlaces }: DecimalOptions): Validator {
  return (value) => {
    const number = readDecimal(value)
    if (number === null) return refuse(t('Enter a number.'))
    const { digits, places } = digitsOf(typeof value === 'string' ? value.trim() : number.toString())
    const whole = digits - places
    if (maxDigits !== null && digits > maxDigits) {
      refuse(
        tn(
          'Ensure that there are no more than {n} digit in total.',
          'Ensure that there are no more than {n} digits in total.',
          maxDigits,
        ),
        'max_digits',
      )
    }
    if (decimalPlaces !== null && places > decimalPlaces) {
      refuse(
        tn(
          'Ensure that there are no more than {n} decimal place.',
          'Ensure that there are no more than {n} decimal places.',
          decimalPlaces,
        ),
        'max_decimal_places',
      )
    }
    if (maxDigits !== null && decimalPlaces !== null && whole > maxDigits - decimalPlaces) {
      refuse(
        tn(
          'Ensure that there are no more than {n} digit before the decimal point.',
          'Ensure that there are no more than {n} digits before the decimal point.',
          maxDigits - decimalPlaces,
        ),
        'max_whole_digits',
      )
    }
  }
}

/** Digits in all and after the point, counted as Django counts: 0.01 has two digits, both after the point. */
function digitsOf(text: string): { digits: number; places: number } {
  const [mantissa, power = '0'] = text.toLowerCase().split('e') as [string, string?]
  const [whole, fraction = ''] = mantissa.replace(/^[+-]/, '').split('.') as [string, string?]
  const exponent = Number(power) - fraction.length
  const digits = (whole + fraction).replace(/^0+(?=.)/, '')
  if (exponent >= 0) return { digits: digits === '0' ? 1 : digits.length + exponent, places: 0 }
  return { digits: Math.max(digits.length, -exponent), places: -exponent }
}
