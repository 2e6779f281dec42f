import {
  BadSignature,
  configureSigning,
  dumps,
  loads,
  SignatureExpired,
  SigningError,
  sign,
  timestampSign,
  timestampUnsign,
  unsign,
} from 'nuages/signing'
import { beforeEach, describe, expect, test } from 'vitest'
import { sign as freshSign } from '../../src/signing/signing.ts'

const salt = 'test'
const now = 1_700_000_000_000

beforeEach(() => configureSigning({ secretKey: 'first key of the project' }))

test('a value comes back unchanged, whatever is in it', () => {
  for (const value of ['', 'hello', 'a:b:c', 'é漢字🚀', 'new\nline', ' spaces ']) {
    expect(unsign(sign(value, { salt }), { salt })).toBe(value)
    expect(timestampUnsign(timestampSign(value, { salt }), { salt, maxAge: 60 })).toBe(value)
  }
  for (const value of [null, 0, 'é', [1, { a: [] }], { user: 7, until: null }]) {
    expect(loads(dumps(value, { salt }), { salt, maxAge: 60 })).toEqual(value)
  }
})

test('a change of any character is refused', () => {
  const signed = dumps({ user: 7 }, { salt })
  for (let i = 0; i < signed.length; i++) {
    const changed = signed.slice(0, i) + (signed[i] === 'A' ? 'B' : 'A') + signed.slice(i + 1)
    expect(() => loads(changed, { salt })).toThrow(BadSignature)
  }
  for (const text of ['', ':', '::', 'x', signed.slice(1), `${signed}x`, `${signed}\n`]) {
    expect(() => loads(text, { salt })).toThrow(BadSignature)
  }
})

test('a signature made for one purpose does not serve another', () => {
  expect(() => unsign(sign('7', { salt: 'reset' }), { salt: 'login' })).toThrow(BadSignature)
  // CVE-2026-6873: name and salt joined without separator
  expect(() => unsign(sign('bc', { salt: 'a' }), { salt: 'ab' })).toThrow(BadSignature)
})

test('a signature is good until its age is over, to the second', () => {
  const signed = timestampSign('x', { salt, now })
  expect(timestampUnsign(signed, { salt, maxAge: 10, now: now + 10_000 })).toBe('x')
  expect(() => timestampUnsign(signed, { salt, maxAge: 10, now: now + 10_001 })).toThrow(SignatureExpired)
  expect(timestampUnsign(signed, { salt, now: now + 1e12 })).toBe('x')
  expect(() => timestampUnsign(signed, { salt, maxAge: 0, now: now + 1000 })).toThrow(SignatureExpired)
})

test('a signed value without a time is no timestamped one', () => {
  expect(() => timestampUnsign(sign('a:b!', { salt }), { salt })).toThrow(BadSignature)
  expect(() => timestampUnsign(sign('a', { salt }), { salt })).toThrow(BadSignature)
})

test('what was signed and is no JSON is refused, not thrown as a crash', () => {
  for (const payload of ['!!', '.!!', '.AAAA', 'AAAA', '', 'eyJ']) {
    expect(() => loads(timestampSign(payload, { salt }), { salt })).toThrow(BadSignature)
  }
})

describe('keys', () => {
  test('older keys still read, and only the first one signs', () => {
    const old = sign('x', { salt })
    configureSigning({ secretKey: 'second key', fallbackKeys: ['other', 'first key of the project'] })
    expect(unsign(old, { salt })).toBe('x')
    expect(sign('x', { salt })).not.toBe(old)
    configureSigning({ secretKey: 'second key' })
    expect(() => unsign(old, { salt })).toThrow(BadSignature)
  })

  test('a key given by the caller is the only one tried', () => {
    const signed = sign('x', { salt })
    expect(() => unsign(signed, { salt, key: 'mine' })).toThrow(BadSignature)
    expect(unsign(sign('x', { salt, key: 'mine' }), { salt, key: 'mine' })).toBe('x')
  })

  test('without any key, the error says what to do', () => {
    configureSigning(null)
    expect(() => freshSign('x', { salt })).toThrow(SigningError)
    expect(() => freshSign('x', { salt })).toThrow('There is no key to sign with.')
  })
})

test('compressing makes long values shorter, and short ones stay as they are', () => {
  const long = { k: 'y'.repeat(1000) }
  const packed = dumps(long, { salt, compress: true })
  expect(packed).toMatch(/^\./)
  expect(packed.length).toBeLessThan(200)
  expect(loads(packed, { salt })).toEqual(long)
  expect(dumps([1], { salt, compress: true })).not.toMatch(/^\./)
})

test('a packed value cannot unpack to more than 10 MB', () => {
  const bomb = dumps('a'.repeat(10_000_001), { salt, compress: true })
  expect(bomb.length).toBeLessThan(20_000)
  expect(() => loads(bomb, { salt })).toThrow(BadSignature)
})

test('a separator that signatures may hold is refused', () => {
  for (const separator of ['', 'a', '-', '_', '=', 'x1']) {
    expect(() => sign('x', { salt, separator })).toThrow(SigningError)
  }
  expect(unsign(sign('x', { salt, separator: '.' }), { salt, separator: '.' })).toBe('x')
})

test('what has no JSON form cannot be signed', () => {
  expect(() => dumps(undefined, { salt })).toThrow(expect.objectContaining({ code: 'signing.not-json' }))
  expect(() => dumps(() => 1, { salt })).toThrow(expect.objectContaining({ code: 'signing.not-json' }))
})
