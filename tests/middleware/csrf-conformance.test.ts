import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkSource, checkToken, isSafeMethod, readTrusted } from '../../src/middleware/csrf/rules.ts'
import { tokenMatches } from '../../src/middleware/csrf/token.ts'

interface Row {
  id: string
  kind: 'check' | 'token-matches-secret'
  input: any
  expect: unknown
}

const rows = readFileSync(new URL('../conformance/csrf.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row)

/** One row through the rules, in the order of the middleware. */
function outcome({ kind, input }: Row): unknown {
  if (kind === 'token-matches-secret') return tokenMatches(input.token, input.secret)
  if (input.exempt || isSafeMethod(input.method)) return 200
  const trusted = readTrusted(input.settings.CSRF_TRUSTED_ORIGINS ?? [], input.settings.CSRF_COOKIE_DOMAIN ?? null)
  const header = (name: string): string | null => input.headers[name] ?? null
  const source = { secure: input.secure, host: 'testserver', origin: header('Origin'), referer: header('Referer') }
  const form = input.method === 'POST' ? (input.form_token ?? '') : ''
  const sent = form === '' ? (input.header_token ?? '') : form
  return checkSource(source, trusted) === null && checkToken(input.cookie ?? undefined, sent) === null ? 200 : 403
}

test('every row of csrf.jsonl has the outcome of Django', () => {
  const wrong = rows.filter((row) => outcome(row) !== row.expect).map((row) => row.id)
  expect(rows.length).toBeGreaterThan(200)
  expect(wrong).toEqual([])
})
