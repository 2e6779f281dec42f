import { readFileSync } from 'node:fs'
import { respond } from 'nuages/http'
import { httpsRedirect, type SecurityHeaderOptions, securityHeaders } from 'nuages/middleware'
import { expect, test } from 'vitest'
import { site } from './site.ts'

interface Row {
  id: string
  kind: string
  input: any
  expect: any
}
const rows = readFileSync(new URL('../conformance/http.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row)
const ofKind = (kind: string) => rows.filter((row) => row.kind === kind)

const plain: SecurityHeaderOptions = {
  frameOptions: false,
  noSniff: true,
  referrerPolicy: 'same-origin',
  crossOriginOpenerPolicy: 'same-origin',
  hsts: { maxAge: 0, includeSubdomains: false, preload: false },
  csp: false,
}

/** Django's settings as ours. */
function chain(settings: any) {
  const referrer = settings.SECURE_REFERRER_POLICY
  const headers = securityHeaders({
    ...plain,
    noSniff: settings.SECURE_CONTENT_TYPE_NOSNIFF ?? true,
    referrerPolicy: referrer === undefined ? 'same-origin' : referrer === null ? false : [referrer].flat().join(','),
    hsts: {
      maxAge: settings.SECURE_HSTS_SECONDS ?? 0,
      includeSubdomains: settings.SECURE_HSTS_INCLUDE_SUBDOMAINS ?? false,
      preload: settings.SECURE_HSTS_PRELOAD ?? false,
    },
  })
  if (!settings.SECURE_SSL_REDIRECT) return [headers]
  const except = (settings.SECURE_REDIRECT_EXEMPT ?? []).map((text: string) => new RegExp(text.replace('^', '^/')))
  return [headers, httpsRedirect({ host: settings.SECURE_SSL_HOST, except })]
}

test('every row of security-headers has the headers of Django, and no others', async () => {
  const names =
    /^(cross-origin-opener-policy|referrer-policy|x-content-type-options|strict-transport-security|location)$/
  for (const { id, input, expect: wanted } of ofKind('security-headers')) {
    const page = () => {
      const response = respond('x')
      response.headers.delete('x-content-type-options')
      return response
    }
    const response = await site(chain(input.settings), page)(input.path, { secure: input.secure })
    const found = Object.fromEntries([...response.headers].filter(([name]) => names.test(name)))
    const expected = Object.fromEntries(
      Object.entries(wanted.headers).map(([name, value]) => [name.toLowerCase(), value]),
    )
    expect([id, response.status, found]).toEqual([id, wanted.status, expected])
  }
})

test('every row of clickjacking has the header of Django', async () => {
  for (const { id, input, expect: wanted } of ofKind('clickjacking')) {
    const preset = input.preset === null ? {} : { headers: { 'x-frame-options': input.preset } }
    const ask = site([securityHeaders({ ...plain, frameOptions: input.setting ?? 'DENY' })], () => respond('x', preset))
    expect([id, (await ask('/')).headers.get('x-frame-options')]).toEqual([id, wanted])
  }
})
