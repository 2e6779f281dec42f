/** Values as text that both sides write in the same way: the other half of `plain()` in project.py. */
import { Decimal, type Temporal } from 'nuages/db'

/** Microseconds of a duration. */
function microOf(span: Temporal.Duration): bigint {
  const seconds =
    ((BigInt(span.days) * 24n + BigInt(span.hours)) * 60n + BigInt(span.minutes)) * 60n + BigInt(span.seconds)
  return (seconds * 1000n + BigInt(span.milliseconds)) * 1000n + BigInt(span.microseconds)
}

/** A value of an instance; decimals in the shape of Python's normalize() only where they have no exponent. */
export function plain(name: string, value: unknown): unknown {
  if (value === null || typeof value === 'boolean') return value
  if (name === 'real') return { float: value }
  if (typeof value === 'number' || typeof value === 'bigint')
    return name === 'span' ? { micro: String(value) } : String(value)
  if (Decimal.isDecimal(value)) return { decimal: String(value) }
  if (value instanceof Date) return { milli: String(value.getTime()) }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  if (tag === 'Temporal.Duration') return { micro: String(microOf(value as Temporal.Duration)) }
  if (tag === 'Temporal.PlainTime') {
    const time = value as Temporal.PlainTime
    return time.toString({ fractionalSecondDigits: time.millisecond + time.microsecond > 0 ? 6 : 0 })
  }
  return String(value)
}

/** What Python printed, in the shape above: instants to the millisecond, decimals without exponents. */
export function fromPython(name: string, value: unknown): unknown {
  if (name === 'data' || typeof value !== 'object' || value === null) return value
  const given = value as { micro?: string; decimal?: string }
  if (name === 'moment' && given.micro !== undefined) {
    const micro = BigInt(given.micro)
    return { milli: String((micro - (((micro % 1000n) + 1000n) % 1000n)) / 1000n) }
  }
  if (given.decimal !== undefined) return { decimal: String(new Decimal(given.decimal)) }
  return value
}
