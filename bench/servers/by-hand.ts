/**
 * The three pages of the site on node:http alone, answer for answer the same, as fast as we know how: prepared
 * statements, row arrays, signing keys made once, headers as flat lists, text joined. No access log.
 */
import { createHash, createHmac, createSecretKey, type KeyObject, randomFillSync, timingSafeEqual } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { serveParent } from '../lib/child.ts'

const secret = 'bench-only-bench-only-bench-only-bench-only-bench-only'
const database = new DatabaseSync(process.env.DATABASE_URL!.slice('sqlite:'.length))

type Row = any[] // as the driver gives it
function prepared(sql: string): (...params: (string | number)[]) => Row[] {
  const statement = database.prepare(sql)
  statement.setReturnArrays(true)
  return (...params) => statement.all(...params) as unknown as Row[] // arrays: setReturnArrays
}
const readSession = prepared('SELECT session_data FROM django_session WHERE session_key = ? AND expire_date > ?')
const readUser = prepared('SELECT password, is_active, email FROM library_user WHERE id = ?')
const readBooks = prepared('SELECT id, title, subtitle, pages FROM library_book WHERE status = ? ORDER BY id LIMIT 10')

const secure = [
  'x-content-type-options',
  'nosniff',
  'x-frame-options',
  'DENY',
  'referrer-policy',
  'same-origin',
  'cross-origin-opener-policy',
  'same-origin',
  'content-security-policy',
  "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
]

function send(response: ServerResponse, type: string, text: string, more: readonly string[] = []): void {
  const length = String(Buffer.byteLength(text))
  response.writeHead(200, ['content-type', type, ...secure, ...more, 'content-length', length])
  response.end(text)
}

// -------------------------------------------------------------------- the signed-in page

const keyFor = (salt: string): KeyObject =>
  createSecretKey(createHash('sha256').update(`${salt}signer${secret}`).digest())
const sessionKey = keyFor('nuages.sessions')
const loginKey = keyFor('nuages.auth.session')

function isSigned(value: string, signature: string, key: KeyObject): boolean {
  const made = Buffer.from(createHmac('sha256', key).update(value).digest('base64url'))
  const found = Buffer.from(signature)
  return made.length === found.length && timingSafeEqual(made, found)
}

/** Whoever the session signs in, or null. */
function userOf(key: string | undefined): Row | null {
  if (key === undefined || !/^[a-z0-9]{32}$/.test(key)) return null
  const [row] = readSession(key, new Date().toISOString().replace('T', ' ').slice(0, -1))
  if (row === undefined) return null
  const text = row[0] as string
  const at = text.lastIndexOf(':')
  const value = text.slice(0, at)
  if (!isSigned(value, text.slice(at + 1), sessionKey)) return null
  const session = JSON.parse(Buffer.from(value.slice(0, value.indexOf(':')), 'base64url').toString())
  const [user] = readUser(Number(session._auth_user_id))
  if (user === undefined || user[1] !== 1 || !isSigned(user[0], session._auth_user_hash, loginKey)) return null
  return user
}

function readCookies(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>()
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=')
    if (at > 0) cookies.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim())
  }
  return cookies
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const places = new Map(Array.from(ALPHABET, (sign, place) => [sign.charCodeAt(0), place]))
const pool = Buffer.alloc(4096)
let used = pool.length

function randomPlace(): number {
  for (;;) {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    const byte = pool[used++]!
    if (byte < 248) return byte % 62 // 4 x 62: every place equally likely
  }
}

function maskedToken(token: string): string {
  let mask = ''
  let shifted = ''
  for (let i = 0; i < 32; i++) {
    const place = randomPlace()
    mask += ALPHABET[place]
    shifted += ALPHABET[(places.get(token.charCodeAt(i))! + place) % 62]
  }
  return mask + shifted
}

const SPECIAL = /[&<>"']/
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
}
function escaped(text: string): string {
  return SPECIAL.test(text) ? text.replace(/[&<>"']/g, (sign) => entities[sign]!) : text
}

function pageOf(user: Row, token: string): string {
  let out = `<!doctype html>
<html lang="en">
<head><title>New books - Library</title></head>
<body>
<header>${escaped(user[2])}<form method="post" action="/accounts/logout/"><input type="hidden" name="csrfmiddlewaretoken" value="${maskedToken(token)}"><button>Log out</button></form></header>
<main><table>
`
  let count = 0
  for (const row of readBooks('new')) {
    out += `<tr><td>${++count}</td><td><a href="/books/${row[0]}/">${escaped(row[1])}</a></td><td>${escaped(row[2])}</td><td>${row[3]}</td></tr>\n`
  }
  return `${out}</table></main>
</body>
</html>
`
}

function page(header: string | undefined, response: ServerResponse): void {
  const cookies = readCookies(header)
  const user = userOf(cookies.get('sessionid'))
  const token = cookies.get('csrftoken')
  if (user === null || token === undefined || !/^[a-zA-Z0-9]{32}$/.test(token)) {
    response.writeHead(302, ['location', '/accounts/login/?next=/page/'])
    response.end()
    return
  }
  const expires = `Max-Age=31449600; Path=/; SameSite=Lax`
  send(response, 'text/html; charset=utf-8', pageOf(user, token), [
    'set-cookie',
    `csrftoken=${token}; ${expires}`,
    'vary',
    'Cookie',
  ])
}

// -------------------------------------------------------------------- serving

const server = createServer((request, response) => {
  switch (request.url) {
    case '/plaintext':
      return send(response, 'text/plain; charset=utf-8', 'Hello, World!')
    case '/json':
      return send(response, 'application/json', JSON.stringify({ message: 'Hello, World!' }))
    case '/page/':
      return page(request.headers.cookie, response)
    default:
      response.writeHead(404)
      response.end()
  }
})
server.keepAliveTimeout = 72_000
server.listen(0, '127.0.0.1', () => serveParent((server.address() as AddressInfo).port)) // it listens on TCP
