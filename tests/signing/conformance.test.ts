import {
  BadSignature,
  dumps,
  loads,
  SignatureExpired,
  sign,
  timestampSign,
  timestampUnsign,
  unsign,
} from 'nuages/signing'
import { expect, test } from 'vitest'
import { mismatches, type Row, rows } from '../conformance/rows.ts'

interface Input {
  readonly key: string
  readonly salt: string
  readonly sep?: string
  readonly value: string
  readonly signed: string
  readonly obj: unknown
  readonly now: number
  readonly max_age: number | null
}

const options = ({ key, salt, sep, now, max_age }: Input) => ({
  key,
  salt,
  separator: sep,
  now: now * 1000,
  maxAge: max_age,
})

function reading(read: (row: Row<Input>) => unknown) {
  return (row: Row<Input>) => {
    try {
      return { value: read(row) }
    } catch (error) {
      if (error instanceof SignatureExpired) return { error: 'SignatureExpired' }
      if (error instanceof BadSignature) return { error: 'BadSignature' }
      throw error
    }
  }
}

const outcomes: Record<string, (row: Row<Input>) => unknown> = {
  sign: ({ input }) => sign(input.value, options(input)),
  'timestamp-sign': ({ input }) => timestampSign(input.value, options(input)),
  dumps: ({ input }) => dumps(input.obj, options(input)),
  unsign: reading(({ input }) => unsign(input.signed, options(input))),
  'timestamp-unsign': reading(({ input }) => timestampUnsign(input.signed, options(input))),
  loads: reading(({ input }) => loads(input.signed, options(input))),
}

test.each(Object.keys(outcomes))("%s does what Django's does", (kind) => {
  const all = rows<Input>('signing', kind)
  expect(all.length).toBeGreaterThan(0)
  expect(mismatches(all, outcomes[kind]!)).toEqual([])
})

test('every kind of row is run', () => {
  expect(new Set(rows('signing').map((row) => row.kind))).toEqual(new Set(Object.keys(outcomes)))
})
