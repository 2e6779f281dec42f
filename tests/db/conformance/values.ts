/** Values of the neutral form, whose tags name the types that JSON has not. */
import { Decimal, Temporal } from 'nuages/db'

// JSON of any form.
type Any = any

/** A value of the neutral form as ours. */
export function literal(value: Any): Any {
  if (Array.isArray(value)) return value.map(literal)
  if (typeof value !== 'object' || value === null) return value
  if ('$decimal' in value) return new Decimal(value.$decimal)
  if ('$float' in value) return Number(value.$float)
  if ('$bigint' in value) return BigInt(value.$bigint)
  if ('$date' in value) return Temporal.PlainDate.from(value.$date)
  if ('$datetime' in value) return new Date(value.$datetime)
  if ('$time' in value) return Temporal.PlainTime.from(value.$time)
  const seconds = value.$duration ?? value.$timedelta
  if (seconds !== undefined) return Temporal.Duration.from({ microseconds: Math.round(seconds * 1e6) })
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, literal(item)]))
}

/** A value of ours in the neutral form. */
export function plain(value: Any): Any {
  if (value instanceof Date) return { $datetime: value.toISOString().replace('.000Z', 'Z') }
  if (Decimal.isDecimal(value)) return { $decimal: String(value) }
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Temporal.PlainDate) return { $date: String(value) }
  if (value instanceof Temporal.PlainTime) return { $time: String(value) }
  if (value instanceof Temporal.Duration) return { $duration: value.total('seconds') }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
}
