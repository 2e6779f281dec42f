import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { defineApp } from '../../src/apps/define.ts'
import {
  boot,
  defineSettings,
  env,
  isSettings,
  redactSettings,
  type Settings,
  SettingsError,
} from '../../src/conf/index.ts'

const SECRET_KEY = 'k'.repeat(50)
const minimal = defineSettings({ secretKey: SECRET_KEY })

/** What is wrong with settings, as `setting: message`. */
function problems(settings: object, environment: Record<string, string> = {}): string[] {
  try {
    boot(settings as Settings, { env: environment, root: '/srv/site' })
    return []
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    return error.problems.map(({ setting, message }) => `${setting}: ${message}`)
  }
}

describe('boot', () => {
  test('needs a secret key, and has a default for everything else', () => {
    const settings = boot(minimal, { root: '/srv/site' })
    expect(settings).toMatchObject({
      root: '/srv/site',
      secretKey: SECRET_KEY,
      debug: false,
      apps: [],
      urls: null,
      databases: { default: { engine: 'sqlite', url: 'sqlite:/srv/site/db.sqlite3' } },
      timeZone: 'UTC',
      language: 'en',
      languages: ['en'],
      staticUrl: '/static/',
      staticRoot: '/srv/site/staticfiles',
      templateDirs: ['/srv/site/templates'],
      middleware: null,
      sessions: { cookieName: 'sessionid', maxAge: 1_209_600, secure: 'auto' },
      security: { csrf: true, frameOptions: 'DENY', noSniff: true },
      limits: { maxFields: 1000, maxFiles: 100 },
      auth: { user: null },
    })
    expect(problems({})).toEqual(['secretKey: is not set: expected at least 32 random characters.'])
  })

  test('gives a result that nothing can change', () => {
    const settings = boot(minimal)
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen))
    expect(frozen(settings)).toBe(true)
  })

  test('lists every problem at once: what, the value, and where to set it', () => {
    const settings = {
      secretKey: env.secret('SECRET_KEY'),
      timeZone: env.string('TIME_ZONE', 'UTC'),
      port: 70_000,
      sessions: { cookieNam: 'x' },
      databases: { default: env.database('DATABASE_URL') },
    }
    let error: unknown
    try {
      boot(settings as Settings, { env: { TIME_ZONE: 'Europe/Pari', DATABASE_URL: 'oracle://u:geheim@h/db' } })
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(SettingsError)
    expect((error as SettingsError).code).toBe('conf.invalid-settings')
    expect(String(error)).toBe(`SettingsError conf.invalid-settings: 5 settings are wrong.
  secretKey: is not set: expected a secret.
    Set the environment variable SECRET_KEY, or secretKey in your settings file.
  databases.default = "oracle://u:********@h/db": must be a database URL such as sqlite:./db.sqlite3 or postgres://user:password@host/name; "oracle" is no engine (sqlite, postgres, mysql, pglite).
    Set the environment variable DATABASE_URL, or databases.default in your settings file.
  port = 70000: must be a whole number between 0 and 65535.
    Set port in your settings file.
  timeZone = "Europe/Pari": must be a time zone such as "Europe/Paris".
    Set the environment variable TIME_ZONE, or timeZone in your settings file.
  sessions.cookieNam: is not a setting. Did you mean "sessions.cookieName"?
    Correct the name in your settings file, or remove it.`)
  })

  test('an unknown name is a problem, with the name that was meant', () => {
    expect(problems({ ...minimal, timezone: 'UTC', allowedHost: [], xyzzy: 1 })).toEqual([
      'timezone: is not a setting. Did you mean "timeZone"?',
      'allowedHost: is not a setting. Did you mean "allowedHosts"?',
      'xyzzy: is not a setting.',
    ])
    expect(problems({ ...minimal, security: { hsts: { maxage: 1 } } })).toEqual([
      'security.hsts.maxage: is not a setting. Did you mean "security.hsts.maxAge"?',
    ])
  })

  test('settings that are none at all are explained', () => {
    expect(problems(undefined as never)).toEqual(['settings: must be an object, not undefined.'])
    expect(problems(null as never)).toEqual(['settings: must be an object, not null.'])
  })

  test.each<[object, string]>([
    [{ debug: 'yes' }, 'debug: must be true or false.'],
    [{ apps: [undefined] }, 'apps.0: must not be undefined: do the modules import one another in a circle?'],
    [{ apps: [{ name: 'x' }] }, 'apps.0: must be an app made by defineApp.'],
    [{ apps: 'auth' }, 'apps: must be a list.'],
    [{ urls: {} }, 'urls: must be a function, as in () => import("./urls.ts").'],
    [{ databases: {} }, 'databases: must have a database named "default".'],
    [{ databases: { default: {} } }, 'databases.default: must be a database URL, or an object with engine and url.'],
    [
      { allowedHosts: ['https://a.com'] },
      'allowedHosts.0: must be a host name without scheme, port or path, such as "example.com" or ".example.com".',
    ],
    [
      { trustedProxies: ['10.0.0.0/33'] },
      'trustedProxies.0: must be an IP address, a network such as "10.0.0.0/8", "loopback" or "private".',
    ],
    [{ port: 80.5 }, 'port: must be a whole number between 0 and 65535.'],
    [{ language: 'english!' }, 'language: must be a language tag such as "en" or "fr-CA".'],
    [
      { staticUrl: '/static' },
      'staticUrl: must be a path or URL that starts with "/" or "https://" and ends with "/".',
    ],
    [{ middleware: [1] }, 'middleware.0: must be a middleware: (request, next) => response.'],
    [{ sessions: { maxAge: 0 } }, 'sessions.maxAge: must be a whole number of at least 1.'],
    [{ sessions: { sameSite: 'Lax' } }, 'sessions.sameSite: must be one of "lax", "strict", "none".'],
    [
      { sessions: { sameSite: 'none', secure: false } },
      'sessions.sameSite: must not be "none" while sessions.secure is false: browsers drop such cookies.',
    ],
    [{ sessions: { cookieName: 'a b' } }, 'sessions.cookieName: must be a cookie name.'],
    [{ sessions: [] }, 'sessions: must be an object.'],
    [
      { csrf: { trustedOrigins: ['example.com'] } },
      'csrf.trustedOrigins.0: must be an origin such as "https://example.com" or "https://*.example.com".',
    ],
    [{ security: { frameOptions: 'ALLOW' } }, 'security.frameOptions: must be one of "DENY", "SAMEORIGIN", false.'],
    [{ security: { referrerPolicy: 'a\r\nX: y' } }, 'security.referrerPolicy: must be a referrer policy.'],
    [{ csp: { 'script-src': ["'self'; img-src *"] } }, 'csp.script-src.0: must be a source.'],
    [{ auth: { user: 'User' } }, 'auth.user: must be a model such as "accounts.User".'],
  ])('%j is refused', (wrong, expected) => {
    expect(problems({ ...minimal, ...wrong })).toEqual([expected])
  })

  test('paths start at the project, which import.meta.url names', () => {
    const settings = boot(
      { ...minimal, root: 'file:///srv/shop/settings.ts', staticDirs: ['assets', '/abs'], mediaRoot: '../media' },
      { root: '/elsewhere' },
    )
    expect(settings).toMatchObject({
      root: '/srv/shop',
      staticDirs: ['/srv/shop/assets', '/abs'],
      mediaRoot: '/srv/media',
    })
    expect(boot({ ...minimal, root: 'file:///srv/shop' }).root).toBe('/srv/shop')
  })

  test('with debug and no hosts, the machine itself is answered to, and nothing else', () => {
    expect(boot({ ...minimal, debug: true }).allowedHosts).toEqual(['localhost', '.localhost', '127.0.0.1', '[::1]'])
    expect(boot({ ...minimal, debug: true, allowedHosts: ['a.com'] }).allowedHosts).toEqual(['a.com'])
    expect(boot(minimal).allowedHosts).toEqual([])
  })
})

describe('the secret key', () => {
  test('is refused when short, and not shown', () => {
    const short = () => boot({ secretKey: env.secret('SECRET_KEY') }, { env: { SECRET_KEY: 'geheim' } })
    expect(short).toThrow('secretKey = ********: must be at least 32 characters long; this one has 6.')
    expect(() => boot({ secretKey: 'geheim' })).toThrow('********')
    expect(problems({ ...minimal, secretKeyFallbacks: ['old'] })).toEqual([
      'secretKeyFallbacks.0: must be at least 32 characters long; this one has 3.',
    ])
  })

  test('may have a development value, which counts with debug only', () => {
    const settings = {
      secretKey: env.secret('SECRET_KEY', 'only-for-development-on-my-machine'),
      debug: env.boolean('DEBUG', false),
    }
    expect(boot(settings, { env: { DEBUG: '1' } }).secretKey).toBe('only-for-development-on-my-machine')
    expect(boot(settings, { env: { DEBUG: '1', SECRET_KEY } }).secretKey).toBe(SECRET_KEY)
    expect(problems(settings)).toEqual([
      'secretKey: is not set; the value in the settings file counts only with debug: true.',
    ])
    expect(problems(settings, { SECRET_KEY: '' })).toHaveLength(1)
  })
})

describe('overlays', () => {
  test('a production overlay spreads the base and changes what differs', () => {
    const base = defineSettings({
      secretKey: env.secret('SECRET_KEY', 'only-for-development-on-my-machine'),
      debug: true,
      databases: { default: env.database('DATABASE_URL', 'sqlite:./db.sqlite3') },
      sessions: { cookieName: 'shop' },
    })
    const production = defineSettings({
      ...base,
      debug: false,
      allowedHosts: ['example.com'],
      sessions: { ...base.sessions, secure: true },
      security: { httpsRedirect: true, hsts: { maxAge: 3600 } },
    })
    expect([isSettings(base), isSettings(production), isSettings({ ...base })]).toEqual([true, true, false])
    const settings = boot(production, { env: { SECRET_KEY, DATABASE_URL: 'postgres://app@db/shop' } })
    expect(settings).toMatchObject({
      debug: false,
      databases: { default: { engine: 'postgres' } },
      sessions: { cookieName: 'shop', secure: true, maxAge: 1_209_600 },
      security: { httpsRedirect: true, hsts: { maxAge: 3600, includeSubdomains: false }, csrf: true },
    })
    expect(problems(production)).toHaveLength(1) // the development key does not count
  })
})

test('proxies are addresses, networks, or the words for the usual ones', () => {
  const trustedProxies = ['10.0.0.5', '2001:db8::/32', 'loopback', 'private']
  expect(boot({ ...minimal, trustedProxies }).trustedProxies).toEqual(trustedProxies)
})

describe("an app's own settings", () => {
  const shop = defineApp({
    name: 'shop',
    root: import.meta.url,
    settings: { currency: 'EUR', pageSize: 20, api: { key: 'none', hosts: [] as string[] } },
  })
  const withShop = (own: object | undefined) =>
    ({ ...minimal, apps: [shop], ...(own === undefined ? {} : { shop: own }) }) as Settings

  test('are its defaults, and what the project says', () => {
    expect(boot(withShop(undefined))).toMatchObject({ shop: { currency: 'EUR', pageSize: 20 } })
    const settings = boot(withShop({ pageSize: env.integer('PAGE_SIZE'), api: { key: env.secret('SHOP_KEY') } }), {
      env: { PAGE_SIZE: '5', SHOP_KEY: 'geheim' },
    })
    expect(settings).toMatchObject({ shop: { currency: 'EUR', pageSize: 5, api: { key: 'geheim' } } })
    expect(JSON.stringify(redactSettings(settings))).not.toContain('geheim')
  })

  test('count for an app that another requires', () => {
    const mall = defineApp({ name: 'mall', root: import.meta.url, requires: [shop] })
    expect(boot({ ...minimal, apps: [mall] })).toMatchObject({ shop: { currency: 'EUR' } })
  })

  test('are checked for names and types, and need the app', () => {
    expect(problems(withShop({ currancy: 'USD', pageSize: '5' }))).toEqual([
      'shop.currancy: is not a setting. Did you mean "shop.currency"?',
      'shop.pageSize: must be a number.',
    ])
    expect(problems({ ...minimal, shop: {} })).toEqual(['shop: is not a setting.'])
  })
})

describe('redactSettings', () => {
  test('hides what is secret by name, by origin, or within a URL', () => {
    const settings = boot(
      {
        secretKey: env.secret('SECRET_KEY'),
        secretKeyFallbacks: ['f'.repeat(40)],
        databases: { default: 'postgres://app:geheim@db/shop' },
        auth: { loginUrl: env.secret('LOGIN') },
      },
      { env: { SECRET_KEY, LOGIN: 'hidden-login' } },
    )
    const shown = redactSettings(settings)
    const text = JSON.stringify(shown)
    for (const secret of [SECRET_KEY, 'geheim', 'ffff', 'hidden-login']) expect(text).not.toContain(secret)
    expect(shown).toMatchObject({
      secretKey: '********',
      secretKeyFallbacks: '********',
      databases: { default: { url: 'postgres://app:********@db/shop' } },
      auth: { loginUrl: '********', logoutRedirectUrl: '/' },
    })
  })

  test.each(['postgres://app:ge@heim@db/shop', 'postgres://app:ge/heim@db/shop', 'postgres://app:ge:heim?@db/shop'])(
    'hides a password that is not escaped, in the error about it, too: %s',
    (url) => {
      let shown: string
      try {
        shown = JSON.stringify(redactSettings(boot({ ...minimal, databases: { default: url } })))
      } catch (error) {
        shown = String(error)
      }
      expect(shown).toContain('postgres://app:********@db')
      expect(shown).not.toContain('heim')
    },
  )

  test('is what the console shows of settings, and JSON', () => {
    const settings = boot({ ...minimal, databases: { default: 'postgres://app:geheim@db/shop' } })
    for (const text of [
      inspect(settings, { depth: 9 }),
      inspect({ settings }, { depth: 9 }),
      JSON.stringify(settings),
    ]) {
      expect(text).toContain('********')
      expect(text).not.toMatch(new RegExp(`geheim|${SECRET_KEY}`))
    }
    expect(settings.secretKey).toBe(SECRET_KEY)
  })

  test('shows apps and functions by their names', () => {
    const app = defineApp({ name: 'shop', root: import.meta.url })
    const urls = () => Promise.resolve({})
    expect(redactSettings(boot({ ...minimal, apps: [app], urls }))).toMatchObject({
      apps: ['shop'],
      urls: '[function urls]',
    })
  })
})

test('types: names and values are checked where settings are written', () => {
  defineSettings({
    secretKey: env.secret('X'),
    port: env.integer('PORT', 8000),
    security: { hsts: { maxAge: env.integer('HSTS') } },
  })
  // @ts-expect-error the key is required
  defineSettings({ debug: true })
  // @ts-expect-error not a setting
  defineSettings({ secretKey: 'x', timezone: 'UTC' })
  // @ts-expect-error a number, from the environment or not
  defineSettings({ secretKey: 'x', port: env.string('PORT') })
  // @ts-expect-error not one of the words
  defineSettings({ secretKey: 'x', sessions: { sameSite: 'Lax' } })
  const precise: 'shop' = defineSettings({ secretKey: 'x', sessions: { cookieName: 'shop' } }).sessions.cookieName
  expect(precise).toBe('shop')
})

test('every setting is documented', () => {
  const source = readFileSync(new URL('../../src/conf/settings.ts', import.meta.url), 'utf8').split('\n')
  const members = source.flatMap((line, i) =>
    /^ {2}readonly (\w+)\??:/.test(line) ? [{ line: line.trim(), above: source[i - 1]!.trim() }] : [],
  )
  expect(members.length).toBeGreaterThan(50)
  const groups = /: (?:Session|Csrf|Security|Limit|RepeatedQuery|Auth)Settings$/ // documented at their interface
  const bare = members.filter(
    ({ line, above }) => !above.endsWith('*/') && !groups.test(line) && !/includeSubdomains|preload/.test(line),
  )
  expect(bare).toEqual([])
})
