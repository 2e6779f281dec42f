import { respond } from 'nuages/http'
import {
  configureMiddleware,
  cspNonce,
  httpsRedirect,
  type SecurityHeaderOptions,
  securityHeaders,
} from 'nuages/middleware'
import { describe, expect, test } from 'vitest'
import { site } from './site.ts'

const base: SecurityHeaderOptions = {
  frameOptions: 'DENY',
  noSniff: true,
  referrerPolicy: 'same-origin',
  crossOriginOpenerPolicy: 'same-origin',
  hsts: { maxAge: 0, includeSubdomains: false, preload: false },
  csp: null,
}
const plain = () => respond('page')

describe('security headers', () => {
  test('are all there by default', async () => {
    const { headers } = await site([securityHeaders()], plain)('/')
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'content-security-policy':
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    })
    expect(headers.has('strict-transport-security')).toBe(false)
  })

  test('are on error pages too', async () => {
    const ask = site([securityHeaders()], () => {
      throw new Error('a mistake')
    })
    const quiet = console.error
    console.error = () => {}
    const failed = await ask('/')
    console.error = quiet
    expect([failed.status, failed.headers.get('x-frame-options')]).toEqual([500, 'DENY'])
    const missing = await ask('/missing/')
    expect([missing.status, missing.headers.get('x-frame-options')]).toEqual([404, 'DENY'])
  })

  test('of a view win', async () => {
    const ask = site([securityHeaders()], () => respond('x', { headers: { 'x-frame-options': 'SAMEORIGIN' } }))
    expect((await ask('/')).headers.get('x-frame-options')).toBe('SAMEORIGIN')
  })

  test('that are turned off are not sent', async () => {
    const off = {
      ...base,
      frameOptions: false,
      noSniff: false,
      referrerPolicy: false,
      crossOriginOpenerPolicy: false,
      csp: false,
    }
    const { headers } = await site([securityHeaders(off as SecurityHeaderOptions)], plain)('/')
    expect(
      [...headers.keys()].filter((name) => /frame|sniff|nosniff|type-options|referrer|opener|security/.test(name)),
    ).toEqual([])
  })

  test('frame-ancestors says what X-Frame-Options says', async () => {
    const same = await site([securityHeaders({ ...base, frameOptions: 'SAMEORIGIN' })], plain)('/')
    expect(same.headers.get('content-security-policy')).toContain("frame-ancestors 'self'")
    const none = await site([securityHeaders({ ...base, frameOptions: false })], plain)('/')
    expect(none.headers.get('content-security-policy')).not.toContain('frame-ancestors')
  })

  test('a policy of the project replaces the default', async () => {
    const csp = { 'default-src': ["'none'"], 'upgrade-insecure-requests': [] }
    const { headers } = await site([securityHeaders({ ...base, csp })], plain)('/')
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; upgrade-insecure-requests")
  })

  test('a nonce is in the policy of the response that asked for one, and of no other', async () => {
    const ask = site([securityHeaders(base)], (request) =>
      respond(request.path === '/with/' ? `${cspNonce(request)} ${cspNonce(request)}` : ''),
    )
    const response = await ask('/with/')
    const [nonce, again] = (await response.text()).split(' ')
    expect(nonce).toBe(again)
    expect(response.headers.get('content-security-policy')).toContain(`script-src 'self' 'nonce-${nonce}'`)
    expect((await ask('/without/')).headers.get('content-security-policy')).not.toContain('nonce')
  })

  test('Strict-Transport-Security goes over HTTPS only', async () => {
    const hsts = { maxAge: 60, includeSubdomains: true, preload: true }
    const ask = site([securityHeaders({ ...base, hsts })], plain)
    expect((await ask('/', { secure: true })).headers.get('strict-transport-security')).toBe(
      'max-age=60; includeSubDomains; preload',
    )
    expect((await ask('/')).headers.has('strict-transport-security')).toBe(false)
  })

  test('what a project configures is read when the first request comes', async () => {
    const ask = site([securityHeaders()], plain)
    configureMiddleware({ security: { ...base, referrerPolicy: 'no-referrer' } })
    expect((await ask('/')).headers.get('referrer-policy')).toBe('no-referrer')
    configureMiddleware({})
  })
})

describe('the redirect to HTTPS', () => {
  const ask = site([httpsRedirect({ except: [/^\/health\/$/] })], plain)
  test('keeps path and query as they were sent', async () => {
    const response = await ask('/caf%C3%A9/?a=1&b=%20')
    expect([response.status, response.headers.get('location')]).toEqual([
      301,
      'https://testserver/caf%C3%A9/?a=1&b=%20',
    ])
  })
  test('keeps the method of a form', async () => {
    expect((await ask('/', { method: 'POST', body: 'x' })).status).toBe(308)
  })
  test('leaves HTTPS and exceptions alone', async () => {
    expect((await ask('/', { secure: true })).status).toBe(200)
    expect((await ask('/health/')).status).toBe(200)
  })
  test('may lead to one host', async () => {
    const one = site([httpsRedirect({ host: 'www.example.com' })], plain)
    expect((await one('/x/', { host: 'example.com' })).headers.get('location')).toBe('https://www.example.com/x/')
  })
  test('is not steered by a forged Host header', async () => {
    expect((await ask('/', { host: 'evil.test' })).status).toBe(400)
  })
})
