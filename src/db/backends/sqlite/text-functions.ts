/** Functions of text that SQLite lacks. */
import { createHash } from 'node:crypto'
import { DataError } from '../../errors.ts'

/** Most characters a function makes: a length that came from data must not fill the memory. */
const MOST = 1 << 24

function checkedLength(length: number): number {
  if (length <= MOST) return length
  throw new DataError(`A text of ${length} characters is too long.`, {
    code: 'db.text-too-long',
    hint: `Functions make at most ${MOST} characters.`,
  })
}

/** The text filled up to a length at its left or right, or cut to it. */
export function pad(text: unknown, length: unknown, fill: unknown, left: boolean): string | null {
  if (text === null || length === null || fill === null) return null
  const characters = [...String(text)]
  const wanted = checkedLength(Math.max(0, Number(length)))
  if (characters.length >= wanted) return characters.slice(0, wanted).join('')
  const filling = [...String(fill ?? ' ')]
  if (filling.length === 0) return characters.join('')
  const missing = wanted - characters.length
  const added = Array.from({ length: missing }, (_, i) => filling[i % filling.length]).join('')
  return left ? added + characters.join('') : characters.join('') + added
}

/** The text so many times. */
export function repeat(text: unknown, times: unknown): string | null {
  if (text === null || times === null) return null
  const count = Math.max(0, Number(times))
  checkedLength(String(text).length * count)
  return String(text).repeat(count)
}

/** The characters from the last to the first. */
export function reverse(text: unknown): string | null {
  return text === null ? null : [...String(text)].reverse().join('')
}

/** The hash of a text's UTF-8, in hexadecimal. */
export function hash(algorithm: unknown, text: unknown): string | null {
  return text === null ? null : createHash(String(algorithm)).update(String(text)).digest('hex')
}

/** Bits that one of two integers has. */
export function bitXor(left: unknown, right: unknown): bigint | null {
  return left === null || right === null ? null : BigInt(left as bigint) ^ BigInt(right as bigint) // given as bigints
}
