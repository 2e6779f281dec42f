import { describe, expect, test } from 'vitest'
import {
  boot,
  type EnvDescriptor,
  env,
  isEnvDescriptor,
  parseDatabaseUrl,
  SettingsError,
} from '../../src/conf/index.ts'
import { Reader } from '../../src/conf/reader.ts'
import { sqlitePath } from '../../src/db/backends/sqlite/open.ts'

/** The value of a descriptor in an environment, or its problem. */
function read(descriptor: EnvDescriptor<unknown>, text?: string): unknown {
  const reader = new Reader(text === undefined ? {} : { X: text }, '/srv/site')
  const value = reader.resolve(descriptor, 'x')
  return reader.problems.length > 0 ? { problem: reader.problems[0]!.message } : value
}

test('descriptors are plain, frozen, and read nothing', () => {
  const descriptor = env.integer('PORT', 8000)
  expect(isEnvDescriptor(descriptor)).toBe(true)
  expect(Object.isFrozen(descriptor)).toBe(true)
  expect(descriptor).toMatchObject({ name: 'PORT', fallback: 8000, secret: false })
  for (const other of [null, undefined, 'PORT', {}, { name: 'PORT' }]) expect(isEnvDescriptor(other)).toBe(false)
})

describe.each<[string, EnvDescriptor<unknown>, [string, unknown][], string[]]>([
  [
    'boolean',
    env.boolean('X'),
    [
      ['true', true],
      ['1', true],
      ['YES', true],
      [' on ', true],
      ['False', false],
      ['0', false],
      ['no', false],
      ['off', false],
    ],
    ['ja', '2', 'truee'],
  ],
  [
    'integer',
    env.integer('X', undefined, { min: -5, max: 100 }),
    [
      ['0', 0],
      ['-5', -5],
      ['+7', 7],
      [' 8 ', 8],
    ],
    ['1.5', '1e2', 'x', '101', '-6', '0x10', '9'.repeat(400)],
  ],
  [
    'number',
    env.number('X'),
    [
      ['1.5', 1.5],
      ['-1e3', -1000],
    ],
    ['x', 'NaN', 'Infinity', ' '],
  ],
  [
    'list',
    env.list('X'),
    [
      ['a, b ,,c', ['a', 'b', 'c']],
      ['', []],
      ['a', ['a']],
    ],
    [],
  ],
  ['choice', env.choice('X', ['a', 'b']), [['a', 'a']], ['c', 'A', 'constructor']],
  [
    'url',
    env.url('X'),
    [
      ['https://a.com/b', 'https://a.com/b'],
      ['redis://h:1', 'redis://h:1'],
    ],
    ['a.com', '/x', 'http://', 'mailto:x'],
  ],
  [
    'email',
    env.email('X'),
    [
      ['a@b.com', 'a@b.com'],
      ['Shop <a@b.com>', 'Shop <a@b.com>'],
    ],
    ['a', 'a@', '<a>', 'a@b, c@d', 'a@b\nX: y'],
  ],
  [
    'json',
    env.json('X'),
    [
      ['{"a":[1]}', { a: [1] }],
      ['null', null],
    ],
    ['{', "{'a'}"],
  ],
  [
    'path',
    env.path('X'),
    [
      ['a/b', '/srv/site/a/b'],
      ['/abs', '/abs'],
    ],
    [],
  ],
  [
    'string',
    env.string('X'),
    [
      ['a', 'a'],
      ['', ''],
      [' ', ' '],
    ],
    [],
  ],
])('env.%s', (_, descriptor, right, wrong) => {
  test('reads the variable', () => {
    for (const [text, value] of right) expect(read(descriptor, text)).toEqual(value)
  })
  test('refuses what it is not', () => {
    for (const text of wrong)
      expect(read(descriptor, text), text).toMatchObject({ problem: expect.stringMatching(/^must be /) })
  })
  test('must be set when it has no default', () => {
    expect(read(descriptor)).toMatchObject({ problem: expect.stringMatching(/^is not set: expected /) })
  })
})

test('the default counts when the variable is absent or empty', () => {
  expect(read(env.integer('X', 5))).toBe(5)
  expect(read(env.integer('X', 5), '')).toBe(5)
  expect(read(env.list('X', ['a']))).toEqual(['a'])
  expect(read(env.list('X', ['a']), '')).toEqual([])
  expect(read(env.boolean('X', false))).toBe(false)
  expect(read(env.path('X', 'media'))).toBe('/srv/site/media')
})

test('a wrong database default is a problem of its own', () => {
  expect(() => boot({ secretKey: 'k'.repeat(40), databases: { default: env.database('X', 'sqlite') } })).toThrow(
    SettingsError,
  )
})

describe('database URLs', () => {
  test.each([
    ['sqlite:./db.sqlite3', 'sqlite', 'sqlite:/srv/site/db.sqlite3'],
    ['sqlite:db.sqlite3', 'sqlite', 'sqlite:/srv/site/db.sqlite3'],
    ['sqlite:/abs/db.sqlite3', 'sqlite', 'sqlite:/abs/db.sqlite3'],
    ['sqlite:///abs/db.sqlite3', 'sqlite', 'sqlite:/abs/db.sqlite3'],
    ['sqlite::memory:', 'sqlite', 'sqlite::memory:'],
    ['SQLite:x', 'sqlite', 'sqlite:/srv/site/x'],
    ['pglite:./pg', 'pglite', 'pglite:/srv/site/pg'],
    ['postgres://u:p@h:5432/db', 'postgres', 'postgres://u:p@h:5432/db'],
    ['postgresql://h/db', 'postgres', 'postgresql://h/db'],
    ['mariadb://h/db', 'mysql', 'mariadb://h/db'],
  ])('%s', (text, engine, url) => {
    expect(parseDatabaseUrl(text, '/srv/site')).toEqual({ engine, url, options: {} })
  })

  test('lead to the file, whatever the folder of the project is called', () => {
    for (const root of ['/srv/50% off', '/srv/what?/a#b', '/srv/a%20b']) {
      const config = parseDatabaseUrl('sqlite:./my%20db.sqlite3', root)
      expect(sqlitePath(config)).toBe(`${root}/my db.sqlite3`)
    }
  })

  test('parameters are options', () => {
    expect(parseDatabaseUrl('sqlite:x?lockTimeout=2000&mode=ro', '/r')).toEqual({
      engine: 'sqlite',
      url: 'sqlite:/r/x',
      lockTimeout: 2000,
      options: { mode: 'ro' },
    })
  })

  test.each([
    ['', 'a database URL such as'],
    ['db.sqlite3', 'a database URL such as'],
    ['postgre://h/db', 'did you mean "postgres"?'],
    ['constructor:x', 'is no engine'],
    ['sqlite:', 'a database URL with a path'],
    ['sqlite://db.sqlite3', 'a path after sqlite: such as sqlite:./db.sqlite3 or sqlite:/db.sqlite3'],
    ['postgres://h', 'host and name'],
    ['postgres:db', 'host and name'],
    ['sqlite:x?lockTimeout=soon', 'lockTimeout is a number of milliseconds'],
  ])('%j is refused with a reason', (text, reason) => {
    expect(() => parseDatabaseUrl(text, '/r')).toThrow(reason)
  })
})
