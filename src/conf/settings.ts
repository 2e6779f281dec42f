/**
 * Every setting: what it means, its unit and its default. `ResolvedSettings` is what the framework gets from `boot`;
 * `Settings` is the same as you write it, with `env.*` anywhere and almost everything optional.
 */
import type { App } from '../apps/define.ts'
import type { DatabaseConfig } from '../db/backends/backend.ts'
import type { Router } from '../db/routers.ts'
import type { Middleware } from '../http/types.ts'
import type { StorageInput } from '../storage/configure.ts'
import type { EnvDescriptor } from './env.ts'

/** A value, or where in the environment to find it. */
export type Setting<T> = T | EnvDescriptor<T>

/** Settings as they are written: every key optional, every value a {@link Setting}. */
type Written<T> = { readonly [K in keyof T]?: Setting<T[K]> }

/** Sessions and their cookie. */
export interface SessionSettings {
  /** Default `sessionid`. */
  readonly cookieName: string
  /** Seconds a session lives after its last change; default 1,209,600 (two weeks). */
  readonly maxAge: number
  /** Forget the session when the browser closes; default false. */
  readonly expireAtBrowserClose: boolean
  /** Write the session at every request, so that it lives on while used; default false. */
  readonly saveEveryRequest: boolean
  /** Send the cookie over HTTPS only; default `auto`: when it was set over HTTPS. */
  readonly secure: boolean | 'auto'
  /** Default `lax`. `none` needs `secure`. */
  readonly sameSite: 'lax' | 'strict' | 'none'
  /** Domain of the cookie; default null: the host that set it, and no other. */
  readonly domain: string | null
  /** Path of the cookie; default `/`. */
  readonly path: string
}

/** Protection against forged requests. */
export interface CsrfSettings {
  /** Default `csrftoken`. */
  readonly cookieName: string
  /** Header that scripts send the token in; default `x-csrftoken`. */
  readonly headerName: string
  /** Seconds; default 31,449,600 (a year less a day, as Django). */
  readonly maxAge: number
  /** Send the cookie over HTTPS only; default `auto`: when it was set over HTTPS. */
  readonly secure: boolean | 'auto'
  /** Other origins that may post to us: `https://shop.example.com`, `https://*.example.com`. */
  readonly trustedOrigins: readonly string[]
}

/** Strict-Transport-Security: browsers then use HTTPS only, for that long. Hard to take back. */
export interface HstsSettings {
  /** Seconds; 0 sends none. */
  readonly maxAge: number
  readonly includeSubdomains: boolean
  readonly preload: boolean
}

/** Each protection by name. All on; turning one off is a line here, and `check --deploy` lists it. */
export interface SecuritySettings {
  /** Check the token of unsafe requests; default true. */
  readonly csrf: boolean
  /** Redirect HTTP to HTTPS; default false, as the proxy in front often does. */
  readonly httpsRedirect: boolean
  /** Default `{ maxAge: 0 }`: set it once HTTPS works everywhere. */
  readonly hsts: HstsSettings
  /** X-Frame-Options; default `DENY`; false sends none. */
  readonly frameOptions: 'DENY' | 'SAMEORIGIN' | false
  /** X-Content-Type-Options: nosniff; default true. */
  readonly noSniff: boolean
  /** Referrer-Policy; default `same-origin`; false sends none. */
  readonly referrerPolicy: string | false
  /** Cross-Origin-Opener-Policy; default `same-origin`; false sends none. */
  readonly crossOriginOpenerPolicy: string | false
}

/** Directives by name: `{ 'script-src': ["'self'", 'https://cdn.example.com'] }`. */
export type CspDirectives = Readonly<Record<string, readonly string[]>>

/** How much a request may send. Beyond: 413. Counted in bytes that arrive, whatever the header says. */
export interface LimitSettings {
  /** Bytes of a body, files not counted; default 2,621,440 (2.5 MB). */
  readonly maxBody: number
  /** Bytes of all files of a request; default 104,857,600 (100 MB). */
  readonly maxUpload: number
  /** Form fields; default 1,000. */
  readonly maxFields: number
  /** Files; default 100. */
  readonly maxFiles: number
}

/** Queries that one place sends again and again: a loop that should be one query. Looked for with `debug` and in tests only. */
export interface RepeatedQuerySettings {
  /** `warn` tells of them; `error` makes the query that reaches the threshold throw; `off` looks for none. Default `warn`. */
  readonly action: 'warn' | 'error' | 'off'
  /** How often the same query comes from one place of a request, a test or a command before it is told; default 5. */
  readonly threshold: number
}

/** Accepts a password, or throws ValidationError. */
export type PasswordValidator = (password: string, user?: object) => void | Promise<void>

/** People and their passwords. */
export interface AuthSettings {
  /** The project's user model, `'accounts.User'`; default null: the one model that extends AbstractUser. */
  readonly user: string | null
  /** Path of the login page; default null: that of `authUrls`, where they are included. */
  readonly loginUrl: string | null
  /** Where a login leads without `next`; default `/`. */
  readonly loginRedirectUrl: string
  /** Where a logout leads; default `/`. */
  readonly logoutRedirectUrl: string
  /** Rules for new passwords; default null: those of `nuages/auth`. */
  readonly passwordValidators: readonly PasswordValidator[] | null
}

/** Settings of apps, by their names. An app types its own: `declare module 'nuages' { interface AppSettings { shop: ShopSettings } }`. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by apps
export interface AppSettings {}

/** Settings as the framework reads them: all there, checked and frozen. */
export interface ResolvedSettings extends AppSettings {
  /** The project's directory, absolute. Write `import.meta.url`; default: the directory the process was started in. */
  readonly root: string
  /** Signs sessions, tokens and cookies: at least 32 characters, secret, different for each deployment. Required. */
  readonly secretKey: string
  /** Older keys, still good for reading while a new one is rolled out; default none. */
  readonly secretKeyFallbacks: readonly string[]
  /** Error pages with sources, reloading templates; default false. Never true where others can reach it. */
  readonly debug: boolean
  /** The apps, in order: earlier ones win where templates or commands have the same name. */
  readonly apps: readonly App[]
  /** The project's routes: `() => import('./urls.ts')`; default null: none. */
  readonly urls: (() => Promise<object>) | null
  /** Databases by alias; default `{ default: 'sqlite:./db.sqlite3' }`. */
  readonly databases: Readonly<Record<string, DatabaseConfig>>
  /** Which database a model's rows are in: asked in order, the first answer counts; default none: `default`. */
  readonly routers: readonly Router[]
  /** Host names answered to: `example.com`, `.example.com` with all below it, `*` for any. With `debug` and none given: localhost. */
  readonly allowedHosts: readonly string[]
  /** Addresses or networks of proxies whose X-Forwarded-* headers are believed: `10.0.0.0/8`, `loopback`, `private`; default none. */
  readonly trustedProxies: readonly string[]
  /** Where `serve` and `dev` listen; default `127.0.0.1`. */
  readonly host: string
  /** Default 8000. */
  readonly port: number
  /** IANA name; default `UTC`. */
  readonly timeZone: string
  /** Default `en`. */
  readonly language: string
  /** Languages offered to visitors; default: `language` alone. */
  readonly languages: readonly string[]
  /** Static files: URL they are under; default `/static/`. */
  readonly staticUrl: string
  /** Directory that `collectstatic` fills and production serves; default `staticfiles`. */
  readonly staticRoot: string
  /** Directories of static files besides the apps' own; default none. */
  readonly staticDirs: readonly string[]
  /** Uploaded files: URL they are under; default `/media/`. */
  readonly mediaUrl: string
  /** Uploaded files: directory; default `media`. */
  readonly mediaRoot: string
  /**
   * Where files are kept, by alias: a URL such as `file:./media?url=/media/`, or a backend. Default
   * `{ default: mediaRoot under mediaUrl }`; in tests `default` is in memory unless it is named.
   */
  readonly storages: Readonly<Record<string, StorageInput>>
  /** Directories of templates that win over the apps' own; default `templates`. */
  readonly templateDirs: readonly string[]
  /**
   * Which apps each may import: `{ billing: ['accounts'], accounts: [] }`. Apps without a row may import any; `import type`
   * is always allowed. `nuages check` tells what crosses a boundary. Default null: not checked.
   */
  readonly boundaries: Readonly<Record<string, readonly string[]>> | null
  /** The chain around every view, outermost first; default null: the framework's. */
  readonly middleware: readonly Middleware[] | null
  readonly sessions: SessionSettings
  readonly csrf: CsrfSettings
  readonly security: SecuritySettings
  /** Content-Security-Policy; default null: the framework's strict one; false sends none. */
  readonly csp: CspDirectives | null | false
  readonly limits: LimitSettings
  readonly repeatedQueries: RepeatedQuerySettings
  readonly auth: AuthSettings
}

/** A database with more than its URL. */
export interface DescribedDatabase {
  /** `env.database('DATABASE_URL')`, or the URL itself. */
  readonly url: Setting<string | DatabaseConfig>
  /** Aliases of databases that follow this one: reads of a request go to one of them until it writes; default none. */
  readonly replicas?: readonly string[]
  /** Each request's view runs in a transaction of this database, rolled back when it throws; default false. */
  readonly atomicRequests?: Setting<boolean>
  /** In tests: another name of the database of this alias, as of a replica; default a database of its own. */
  readonly testMirror?: string
}

/** A database as it is written: a URL, its parts, or a URL with more. */
export type DatabaseInput = string | DatabaseConfig | DescribedDatabase

/** What is written otherwise than it is read: listed in {@link Settings}. */
type Special =
  | 'root'
  | 'secretKey'
  | 'apps'
  | 'urls'
  | 'databases'
  | 'routers'
  | 'storages'
  | 'middleware'
  | 'sessions'
  | 'csrf'
  | 'security'
  | 'limits'
  | 'repeatedQueries'
  | 'auth'
  | keyof AppSettings

/** What a project writes over the defaults of its apps: `guestbook: { perPage: 50 }`. */
type WrittenApps = { readonly [K in keyof AppSettings]?: Written<AppSettings[K]> }

/** Settings as you write them in `settings.ts`, for {@link defineSettings}. */
export interface Settings extends Written<Omit<ResolvedSettings, Special>>, WrittenApps {
  /** `import.meta.url`, or the project's directory; default: the directory the process was started in. */
  readonly root?: string
  /** Signs sessions, tokens and cookies: at least 32 characters. `env.secret('SECRET_KEY')`. */
  readonly secretKey: Setting<string>
  /** The apps, in order: earlier ones win where templates or commands have the same name. */
  readonly apps?: readonly App[]
  /** The project's routes: `() => import('./urls.ts')`. */
  readonly urls?: (() => Promise<object>) | null
  /** Databases by alias: `{ default: env.database('DATABASE_URL', 'sqlite:./db.sqlite3') }`. */
  readonly databases?: Readonly<Record<string, Setting<DatabaseInput>>>
  /** Which database a model's rows are in: asked in order, the first answer counts; default none: `default`. */
  readonly routers?: readonly Router[]
  /** Where files are kept, by alias: `{ default: env.string('STORAGE_URL', 'file:./media?url=/media/') }`. */
  readonly storages?: Readonly<Record<string, Setting<StorageInput>>>
  /** The chain around every view, outermost first; default: the framework's. */
  readonly middleware?: readonly Middleware[] | null
  /** Sessions and their cookie. */
  readonly sessions?: Written<SessionSettings>
  /** Protection against forged requests. */
  readonly csrf?: Written<CsrfSettings>
  /** Each protection by name. */
  readonly security?: Written<Omit<SecuritySettings, 'hsts'>> & { readonly hsts?: Written<HstsSettings> }
  /** How much a request may send. */
  readonly limits?: Written<LimitSettings>
  /** Queries that one place sends again and again. */
  readonly repeatedQueries?: Written<RepeatedQuerySettings>
  /** People and their passwords. */
  readonly auth?: Written<AuthSettings>
}
