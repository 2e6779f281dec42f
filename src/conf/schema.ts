/** Rules and defaults of every setting of the framework, in one visible object. */
import type { App } from '../apps/define.ts'
import type { DatabaseConfig } from '../db/backends/backend.ts'
import type { Router } from '../db/routers.ts'
import type { Middleware } from '../http/types.ts'
import { LOCAL_HOSTS } from '../std/hosts.ts'
import { isIpv4, isIpv6 } from '../std/ip.ts'
import { isLanguageTag, isTimeZone } from '../std/locale.ts'
import type { StorageInput } from '../storage/configure.ts'
import { parseDatabaseUrl } from './database-url.ts'
import { isEnvDescriptor } from './env.ts'
import {
  callable,
  either,
  flag,
  group,
  isPlain,
  list,
  mapOf,
  oneOf,
  path,
  type Rule,
  readGroup,
  text,
  value,
  whole,
} from './rules.ts'
import type {
  AppSettings,
  AuthSettings,
  CsrfSettings,
  HstsSettings,
  LimitSettings,
  PasswordValidator,
  RepeatedQuerySettings,
  ResolvedSettings,
  SecuritySettings,
  SessionSettings,
} from './settings.ts'

/** Shortest secret key: 32 characters of A–Z a–z 0–9 hold 190 bits. */
const MIN_KEY = 32
const TWO_WEEKS = 14 * 24 * 60 * 60

const secretKey: Rule<string> = (written, at, reader) => {
  if (written === undefined) {
    reader.problem(at, 'is not set: expected at least 32 random characters')
    return ''
  }
  return value('', (found) => {
    if (typeof found !== 'string') throw new RangeError('text')
    if (found.length < MIN_KEY)
      throw new RangeError(`at least ${MIN_KEY} characters long; this one has ${found.length}`)
    return found
  })(written, at, reader)
}

/** The brand is all that is asked: an app may come from another copy of the package, which is another error. */
const app = value<App>(
  () => undefined as never, // a hole in the list is refused below
  (found) => {
    if (typeof found === 'object' && found !== null && Symbol.for('nuages.app') in found) return found as App // branded by defineApp
    throw new RangeError('an app made by defineApp')
  },
)

const place = value<DatabaseConfig>({ engine: '', url: '' }, (found, reader) => {
  if (typeof found === 'string') return parseDatabaseUrl(found, reader.root)
  if (isPlain(found) && typeof found.engine === 'string' && typeof found.url === 'string')
    return Object.freeze({ ...found }) as unknown as DatabaseConfig // the two fields it needs are there
  throw new RangeError('a database URL, or an object with engine and url')
})

const alias = text('', 'the alias of a database', (found) => found !== '')
const more = {
  url: place,
  replicas: list([], alias),
  atomicRequests: flag(false),
  testMirror: either(null, null, alias),
}

const database: Rule<DatabaseConfig> = (written, at, reader) => {
  if (!isPlain(written) || isEnvDescriptor(written) || 'engine' in written || !('url' in written))
    return place(written, at, reader)
  const { url, replicas, atomicRequests, testMirror } = readGroup<{
    url: DatabaseConfig
    replicas: readonly string[]
    atomicRequests: boolean
    testMirror: string | null
  }>(more, written, at, reader)
  return Object.freeze({
    ...url,
    ...(replicas.length === 0 ? {} : { replicas }),
    ...(atomicRequests ? { atomicRequests } : {}),
    ...(testMirror === null ? {} : { testMirror }),
  })
}

/** Anything with methods: which, is each router's own choice. */
const router = value<Router>(
  () => undefined as never, // a hole in the list is refused below
  (found) => {
    if (typeof found === 'object' && found !== null) return found
    throw new RangeError('a router: an object with dbForRead, dbForWrite, allowRelation or allowMigrate')
  },
)

const databases: Rule<Readonly<Record<string, DatabaseConfig>>> = (written, at, reader) => {
  const found = mapOf({ default: 'sqlite:./db.sqlite3' }, database)(written, at, reader)
  if (!Object.hasOwn(found, 'default')) reader.problem(at, 'must have a database named "default"')
  for (const [name, { replicas = [], testMirror }] of Object.entries(found)) {
    for (const other of [...replicas, ...(testMirror === undefined ? [] : [testMirror])]) {
      if (other !== name && Object.hasOwn(found, other)) continue
      const key = replicas.includes(other) ? 'replicas' : 'testMirror'
      reader.problem(`${at}.${name}.${key}`, 'must name other databases of the settings', other)
    }
  }
  return found
}

/** What a URL says, and which methods a backend has, nuages/storage looks at. */
const storage = value<StorageInput>(
  () => undefined as never, // each alias has one
  (found) => {
    if (typeof found === 'string' || (typeof found === 'object' && found !== null)) return found as StorageInput // as said above
    throw new RangeError('a storage: a URL such as "file:./media?url=/media/", or a backend')
  },
)

/** URL prefixes end in a slash. */
const prefix = (fallback: string): Rule<string> =>
  text(
    fallback,
    'a path or URL that starts with "/" or "https://" and ends with "/"',
    (found) => /^(?:\/|https?:\/\/)/.test(found) && found.endsWith('/'),
  )

const isNetwork = (found: string): boolean => {
  if (found === 'loopback' || found === 'private') return true
  const [address = '', bits] = found.split('/', 2)
  const most = isIpv4(address) ? 32 : isIpv6(address) ? 128 : -1
  return most !== -1 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
}

const hosts: Rule<readonly string[]> = (written, at, reader) => {
  const host = text(
    '',
    'a host name without scheme, port or path, such as "example.com" or ".example.com"',
    (found) => found === '*' || /^\.?[^\s/:*]+$|^\[[0-9a-f:.]+\]$/i.test(found),
  )
  const found = list([], host)(written, at, reader)
  return found.length === 0 && reader.debug ? LOCAL_HOSTS : found
}

const languages: Rule<readonly string[]> = list([], text('', 'a language tag such as "en" or "fr-CA"', isLanguageTag))

/** In the order of ResolvedSettings; what apps add there is theirs. `debug` is settled before, `root` by boot. */
export const SCHEMA: {
  readonly [K in Exclude<keyof ResolvedSettings, keyof AppSettings>]-?: Rule<ResolvedSettings[K]>
} = {
  root: (_written, _at, reader) => reader.root,
  secretKey,
  secretKeyFallbacks: list([], secretKey),
  debug: (_written, _at, reader) => reader.debug,
  apps: list([], app),
  urls: either(null, null, callable<() => Promise<object>>('a function, as in () => import("./urls.ts")')),
  databases,
  routers: list([], router),
  allowedHosts: hosts,
  trustedProxies: list(
    [],
    text('', 'an IP address, a network such as "10.0.0.0/8", "loopback" or "private"', isNetwork),
  ),
  host: text('127.0.0.1', 'an address or host name', (found) => found !== '' && !/[\s/]/.test(found)),
  port: whole(8000, 0, 65_535),
  timeZone: text('UTC', 'a time zone such as "Europe/Paris"', isTimeZone),
  language: text('en', 'a language tag such as "en" or "fr-CA"', isLanguageTag),
  languages,
  staticUrl: prefix('/static/'),
  staticRoot: path('staticfiles'),
  staticDirs: list([], path('')),
  mediaUrl: prefix('/media/'),
  mediaRoot: path('media'),
  storages: mapOf({}, storage),
  templateDirs: list(['templates'], path('')),
  boundaries: either(null, null, mapOf({}, list([], text('', 'the name of an app')))),
  middleware: either(null, null, list([], callable<Middleware>('a middleware: (request, next) => response'))),
  sessions: group<SessionSettings>({
    cookieName: text('sessionid', 'a cookie name', isToken),
    maxAge: whole(TWO_WEEKS, 1),
    expireAtBrowserClose: flag(false),
    saveEveryRequest: flag(false),
    secure: oneOf('auto', ['auto', true, false] as const),
    sameSite: oneOf('lax', ['lax', 'strict', 'none'] as const),
    domain: either(null, null, text('', 'a domain such as "example.com"', isDomain)),
    path: text('/', 'a path', (found) => /^\/[^\s;,]*$/.test(found)),
  }),
  csrf: group<CsrfSettings>({
    cookieName: text('csrftoken', 'a cookie name', isToken),
    headerName: text('x-csrftoken', 'a header name', isToken),
    maxAge: whole(31_449_600, 1),
    secure: oneOf('auto', ['auto', true, false] as const),
    trustedOrigins: list([], text('', 'an origin such as "https://example.com" or "https://*.example.com"', isOrigin)),
  }),
  security: group<SecuritySettings>({
    csrf: flag(true),
    httpsRedirect: flag(false),
    hsts: group<HstsSettings>({
      maxAge: whole(0),
      includeSubdomains: flag(false),
      preload: flag(false),
    }),
    frameOptions: oneOf('DENY', ['DENY', 'SAMEORIGIN', false] as const),
    noSniff: flag(true),
    referrerPolicy: either(false, 'same-origin', text('', 'a referrer policy', isHeaderText)),
    crossOriginOpenerPolicy: either(false, 'same-origin', text('', 'a cross-origin opener policy', isHeaderText)),
  }),
  csp: either(false, null, either(null, null, mapOf({}, list([], text('', 'a source', isHeaderText))))),
  limits: group<LimitSettings>({
    maxBody: whole(2_621_440),
    maxUpload: whole(104_857_600),
    maxFields: whole(1000),
    maxFiles: whole(100),
  }),
  repeatedQueries: group<RepeatedQuerySettings>({
    action: oneOf('warn', ['warn', 'error', 'off'] as const),
    threshold: whole(5, 2),
  }),
  auth: group<AuthSettings>({
    user: either(
      null,
      null,
      text('', 'a model such as "accounts.User"', (found) => /^[a-z][a-z0-9_]*\.[A-Za-z]\w*$/.test(found)),
    ),
    loginUrl: either(null, null, text('')),
    loginRedirectUrl: text('/'),
    logoutRedirectUrl: text('/'),
    passwordValidators: either(
      null,
      null,
      list([], callable<PasswordValidator>('a function that refuses bad passwords')),
    ),
  }),
}

function isToken(found: string): boolean {
  return /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(found)
}

function isDomain(found: string): boolean {
  return /^\.?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/.test(found)
}

/** One line, and no separator of directives: what it says ends up in a header. */
function isHeaderText(found: string): boolean {
  return found !== '' && /^[\x21-\x3a\x3c-\x7e]+(?: [\x21-\x3a\x3c-\x7e]+)*$/.test(found)
}

function isOrigin(found: string): boolean {
  return /^https?:\/\/(?:\*\.)?[^\s/*?#@]+$/.test(found)
}
