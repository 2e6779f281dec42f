import {
  argon2Hasher,
  bcryptVerifier,
  checkPassword,
  configureHashers,
  isPasswordUsable,
  makePassword,
  type PasswordHasher,
  pbkdf2Hasher,
  scryptHasher,
} from 'nuages/auth'
import { afterEach, describe, expect, test } from 'vitest'
import { mismatches, type Row, rows } from '../conformance/rows.ts'

afterEach(() => configureHashers())

interface EncodeInput {
  readonly algorithm: string
  readonly password: string
  readonly salt: string
  readonly iterations?: number
  readonly time_cost?: number
  readonly memory_cost?: number
  readonly parallelism?: number
  readonly hash_length?: number
  readonly n?: number
  readonly r?: number
  readonly p?: number
}

function hasherFor(input: EncodeInput): PasswordHasher {
  const { algorithm } = input
  if (algorithm === 'pbkdf2_sha256') return pbkdf2Hasher('sha256', input.iterations!)
  if (algorithm === 'pbkdf2_sha1') return pbkdf2Hasher('sha1', input.iterations!)
  if (algorithm === 'scrypt') return scryptHasher({ cost: input.n!, blockSize: input.r!, parallelization: input.p! })
  return argon2Hasher({
    memory: input.memory_cost!,
    passes: input.time_cost!,
    parallelism: input.parallelism!,
    size: input.hash_length!,
  })
}

/** Runs rows whose outcome is a promise. */
async function outcomes<I>(list: readonly Row<I>[], outcome: (input: I) => Promise<unknown>): Promise<string[]> {
  const found = new Map<Row<I>, unknown>()
  for (const row of list) found.set(row, await outcome(row.input))
  return mismatches(list, (row) => found.get(row))
}

describe("Django's vectors", () => {
  test('every encoded password is made as Django makes it', async () => {
    const all = rows<EncodeInput>('passwords', 'encode')
    const made = all.filter(({ input }) => !input.algorithm.startsWith('bcrypt'))
    expect(made).toHaveLength(69)
    expect(await outcomes(made, (input) => hasherFor(input).encode(input.password, input.salt))).toEqual([])
    // bcrypt is only verified: what Django made has to open.
    const verified = all.filter(({ input }) => input.algorithm.startsWith('bcrypt'))
    expect(verified).toHaveLength(17)
    for (const { id, input, expect: encoded } of verified)
      expect([id, await checkPassword(input.password, encoded)]).toEqual([id, { correct: true, upgrade: true }])
  })

  test('every password opens, or does not, as in Django', async () => {
    const all = rows<{ password: string | null; encoded: string }>('passwords', 'verify')
    expect(all).toHaveLength(275)
    const given = all.filter(({ input }) => input.password !== null)
    // The vectors without a password are Django's None; ours is text, by type.
    expect(all.filter(({ input }) => input.password === null).every((row) => row.expect === false)).toBe(true)
    const check = async (input: { password: string | null; encoded: string }) =>
      (await checkPassword(input.password!, input.encoded)).correct
    expect(await outcomes(given, check)).toEqual([])
  })

  test('what is usable is usable in Django', () => {
    const all = rows<{ encoded: string }>('passwords', 'usable')
    expect(mismatches(all, ({ input }) => isPasswordUsable(input.encoded))).toEqual([])
  })
})

describe('new passwords', () => {
  test('are argon2id with the parameters OWASP asks for, and a salt of their own', async () => {
    const [one, two] = [await makePassword('lètmein'), await makePassword('lètmein')]
    expect(one).toMatch(/^argon2\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{30}\$[A-Za-z0-9+/]{43}$/)
    expect(one.length).toBeLessThanOrEqual(128)
    expect(one).not.toBe(two)
    expect(await checkPassword('lètmein', one)).toEqual({ correct: true, upgrade: false })
    expect(await checkPassword('letmein', one)).toEqual({ correct: false, upgrade: false })
  })

  test('null makes one that nothing opens', async () => {
    const encoded = await makePassword(null)
    expect(encoded).toMatch(/^![A-Za-z0-9]{40}$/)
    expect(isPasswordUsable(encoded)).toBe(false)
    for (const guess of ['', '!', encoded, encoded.slice(1)])
      expect((await checkPassword(guess, encoded)).correct).toBe(false)
  })

  test('a long password counts whole; one beyond 4096 characters is refused', async () => {
    configureHashers([argon2Hasher({ memory: 8, passes: 1 })])
    const encoded = await makePassword('x'.repeat(4096))
    expect((await checkPassword('x'.repeat(4096), encoded)).correct).toBe(true)
    expect((await checkPassword('x'.repeat(4095), encoded)).correct).toBe(false)
    expect((await checkPassword('x'.repeat(4097), await makePassword('x'.repeat(4097)))).correct).toBe(false)
  })
})

describe('an upgrade', () => {
  const weak = argon2Hasher({ memory: 8, passes: 1 })
  const cases: [string, PasswordHasher, PasswordHasher[], boolean][] = [
    ['the same parameters', weak, [weak], false],
    ['more memory', weak, [argon2Hasher({ memory: 16, passes: 1 })], true],
    ['more passes', weak, [argon2Hasher({ memory: 8, passes: 2 })], true],
    ['less memory', argon2Hasher({ memory: 16, passes: 1 }), [weak], false],
    ['another algorithm', pbkdf2Hasher('sha256', 10), [weak, pbkdf2Hasher()], true],
    ['more iterations', pbkdf2Hasher('sha256', 10), [pbkdf2Hasher('sha256', 20)], true],
    ['fewer iterations', pbkdf2Hasher('sha256', 20), [pbkdf2Hasher('sha256', 10)], false],
    ['a dearer scrypt', scryptHasher({ cost: 16 }), [scryptHasher({ cost: 32 })], true],
    ['the same scrypt', scryptHasher({ cost: 16 }), [scryptHasher({ cost: 16 })], false],
  ]
  test.each(cases)('%s', async (_, made, list, upgrade) => {
    const encoded = await made.encode('secret')
    configureHashers(list)
    expect(await checkPassword('secret', encoded)).toEqual({ correct: true, upgrade })
    expect(await checkPassword('wrong', encoded)).toEqual({ correct: false, upgrade: false })
  })

  test('a short salt of old is one', async () => {
    configureHashers([pbkdf2Hasher('sha256', 10)])
    const encoded = await pbkdf2Hasher('sha256', 10).encode('secret', 'seasalt')
    expect(await checkPassword('secret', encoded)).toEqual({ correct: true, upgrade: true })
  })
})

describe('stored text that is broken or forged', () => {
  const forged = [
    '',
    '$',
    'argon2',
    'argon2$argon2id$v=19$m=999999999,t=2,p=1$c29tZXNhbHQxMg$Rh50eNMpx9Tq8ClFT33Ldw',
    'argon2$argon2id$v=19$m=8,t=999999999,p=1$c29tZXNhbHQxMg$Rh50eNMpx9Tq8ClFT33Ldw',
    'argon2$argon2id$v=19$m=8,t=1,p=999$c29tZXNhbHQxMg$Rh50eNMpx9Tq8ClFT33Ldw',
    'argon2$argon2id$v=19$m=8,t=1,p=64$c29tZXNhbHQxMg$Rh50eNMpx9Tq8ClFT33Ldw',
    `argon2$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQxMg$${'A'.repeat(4000)}`,
    'argon2$argon2id$v=16$m=8,t=1,p=1$c29tZXNhbHQxMg$Rh50eNMpx9Tq8ClFT33Ldw',
    'argon2$argon2id$v=19$m=8,t=1,p=1$YQ$Rh50eNMpx9Tq8ClFT33Ldw',
    'pbkdf2_sha256$999999999$salt$hash',
    'pbkdf2_sha256$1e9$salt$hash',
    'pbkdf2_sha256$0$salt$hash',
    'pbkdf2_sha256$1$$hash',
    'scrypt$1048576$salt$64$64$hash',
    'scrypt$3$salt$8$1$hash',
    'scrypt$16$salt$8$1$',
    'bcrypt$$2b$31$n7TmBTJ6n3dZCH4G2rC4Oe1PRKPRf6ca2CLaG7mvaigFj4RDkvRjO',
    'bcrypt$$2b$04$short',
    'md5$salt$hash',
  ]
  test.each(forged)('%j opens for nobody, and costs little', async (encoded) => {
    configureHashers([
      argon2Hasher({ memory: 8, passes: 1 }),
      pbkdf2Hasher('sha256', 1),
      scryptHasher({ cost: 16 }),
      bcryptVerifier('bcrypt'),
    ])
    expect(await checkPassword('password', encoded)).toEqual({ correct: false, upgrade: false })
  })
})

test('bcrypt makes no passwords', () => {
  expect(() => bcryptVerifier('bcrypt').encode('x')).toThrow(/only verifies/)
})
