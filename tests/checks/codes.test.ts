/** Every error of ours has a code, and every code a place in the reference that says what it means and what to do. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checksPage } from '../../scripts/reference/checks.ts'
import { errorCodes, errorsPage } from '../../scripts/reference/errors.ts'
import { sourceFiles } from '../../scripts/reference/source.ts'

/** Errors without a code, by file, and why nobody outside ever meets them. */
const INTERNAL: Readonly<Record<string, string>> = {
  'src/conf/env.ts': 'the reader of settings makes conf.invalid-settings of them',
  'src/conf/rules.ts': 'the reader of settings makes conf.invalid-settings of them',
  'src/conf/schema.ts': 'the reader of settings makes conf.invalid-settings of them',
  'src/conf/database-url.ts': 'the reader of settings makes conf.invalid-settings of them',
  'src/signing/signing.ts': 'caught where it is thrown: signing.bad-signature',
  'src/testing/all.ts': 'several errors of clean-ups at once, each with its own code',
  'src/db/backends/sqlite/iterate.ts': 'a cursor that is closed is not asked again',
  'src/db/backends/sqlite/worker/worker.ts':
    'an error of the driver on its way from a worker, translated as its others',
  'src/db/backends/sqlite/better-sqlite3.ts': 'an error as node:sqlite would throw it: db.integer-too-large',
}

/** Source without comments and without the words in strings, lines kept. */
function codeOf(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (all) => all.replace(/[^\n]/g, ' '))
    .replace(/'(?:\\.|[^'\\\n])*'/g, "''")
    .replace(/(^|\s)\/\/.*$/gm, '')
}

function plainErrors(): { place: string; file: string }[] {
  return sourceFiles().flatMap(({ path, text }) => {
    const lines = codeOf(text).split('\n')
    return lines.flatMap((line, i) =>
      /\bnew (?:Type|Range|Syntax|Reference|Aggregate)?Error\(/.test(line)
        ? [{ file: path, place: `${path}:${i + 1}` }]
        : [],
    )
  })
}

describe('errors in the source', () => {
  test('are of a kind that has a code, but for those that never leave their room', () => {
    expect(
      plainErrors()
        .filter(({ file }) => !Object.hasOwn(INTERNAL, file))
        .map(({ place }) => place),
    ).toEqual([])
  })

  test('the list of exceptions names nothing that is not there', () => {
    const files = new Set(plainErrors().map(({ file }) => file))
    expect(Object.keys(INTERNAL).filter((file) => !files.has(file))).toEqual([])
  })

  test('nothing else is thrown', () => {
    const odd = sourceFiles().flatMap(({ path, text }) =>
      [...codeOf(text).matchAll(/\bthrow (?:\{|`|''|\d)/g)].map(() => path),
    )
    expect(odd).toEqual([])
  })
})

/** Every text of the source that looks like a code, as `code:` or in a table of them. */
function codesWritten(): Map<string, string> {
  const found = new Map<string, string>()
  for (const { path, text } of sourceFiles())
    for (const [, code] of text.replace(/\/\*[\s\S]*?\*\//g, '').matchAll(/\bcode: '([a-z]+\.[a-z0-9-]+)'/g))
      found.set(code!, path)
  return found
}

describe('the reference of errors', () => {
  const codes = errorCodes()
  const page = errorsPage()
  const section = (code: string) => page.split(`\n### ${code}\n`)[1]?.split(/\n##/)[0] ?? ''

  test('has every code of the source', () => {
    expect([...codesWritten()].filter(([code]) => section(code) === '')).toEqual([])
    expect(codes.size).toBeGreaterThan(200)
  })

  test('says of each its kind, its message, and a hint or what to do', () => {
    const poor = [...codes.keys()].filter((code) => {
      const text = section(code)
      return !(/^\n`\w+`/.test(text) && /\n> \S/.test(text) && /\*\*What to do\*\*: \S/.test(text))
    })
    expect(poor).toEqual([])
  })

  test('explains nothing that is no code', async () => {
    const { FIXES, MESSAGES } = await import('../../scripts/reference/error-words.ts')
    const known = new Set(codes.keys())
    expect([...Object.keys(FIXES), ...Object.keys(MESSAGES)].filter((code) => !known.has(code))).toEqual([])
  })

  test('has codes that begin with the room that throws them', () => {
    /** Rooms that tell of another by its name, and single files. */
    const also: Readonly<Record<string, readonly string[]>> = {
      form: ['forms'],
      validators: ['validators.ts'],
      migrations: ['db'], // its commands
    }
    const strange = [...codes].flatMap(([code, { files }]) => {
      const room = code.split('.')[0]!
      return [...files].filter((file) => {
        const own = file.split('/').slice(1, 2)[0]!
        return own !== room && file.split('/')[2] !== room && !also[room]?.includes(own)
      })
    })
    expect(strange).toEqual([])
  })
})

test('every finding a check can make is in the reference with words of its own', () => {
  const page = checksPage()
  const ids = new Set(
    sourceFiles().flatMap(({ text }) =>
      [...text.replace(/\/\*[\s\S]*?\*\//g, '').matchAll(/'([a-z0-9]+\.[EWICD]\d{3})'/g)].map(([, id]) => id!),
    ),
  )
  expect(ids.size).toBeGreaterThan(60)
  const rows = new Map(
    page.split('\n').flatMap((line) => {
      const match = /^\| `([a-z0-9]+\.[EWICD]\d{3})` \| [^|]+ \| (.*?) \| /.exec(line)
      return match === null ? [] : [[match[1]!, match[2]!] as const]
    }),
  )
  expect([...ids].filter((id) => !rows.get(id)?.trim())).toEqual([])
})

test('the debug page, the command line and the guide name the same codes: every code has one shape', () => {
  for (const code of errorCodes().keys()) expect(code).toMatch(/^[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*$/)
  expect(readFileSync(new URL('../../docs/guides/checks-and-errors.md', import.meta.url), 'utf8')).toContain(
    '../reference/errors.md',
  )
})
