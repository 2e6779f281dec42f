/**
 * Checks of settings for `check --deploy`: what is fine at a desk and wrong where others can reach it. Ids begin with
 * `security.`; every protection that was turned off is listed.
 */
import { type Check, type Finding, finding } from '../../checks/index.ts'
import type { ResolvedSettings } from '../../conf/index.ts'

/** Characters that look random: fewer different ones are a word or a pattern. */
const MIN_DIFFERENT = 8
/** Keys that stand in documentation and templates. */
const KNOWN_KEYS = /^(django-insecure|insecure|secret|changeme|change-me|test|dev)/i

type SettingsCheck = (settings: ResolvedSettings) => Finding[]

/** The deployment checks, bound to settings; they say nothing without `--deploy`. */
export function deployChecks(settings: ResolvedSettings): Check[] {
  return all.map((check) =>
    Object.defineProperty((({ deploy }) => (deploy ? check(settings) : [])) satisfies Check, 'name', {
      value: check.name,
    }),
  )
}

/** `warn(id, setting, message, hint)` where `wrong`. */
function warn(wrong: boolean, id: string, setting: string, message: string, hint: string): Finding[] {
  return wrong ? [finding('warning', id, message, { object: `settings.${setting}`, hint })] : []
}

const debugIsOff: SettingsCheck = ({ debug }) =>
  warn(
    debug,
    'security.W001',
    'debug',
    'debug is on: error pages show sources and settings.',
    'Set debug to false, or DEBUG=false in the environment.',
  )

const secretKeyIsStrong: SettingsCheck = ({ secretKey, secretKeyFallbacks }) => {
  const isWeak = (key: string) => key.length < 50 || new Set(key).size < MIN_DIFFERENT || KNOWN_KEYS.test(key)
  const hint = 'Make a new one: node -p "crypto.randomBytes(48).toString(\'base64url\')"'
  return [
    ...warn(
      isWeak(secretKey),
      'security.W002',
      'secretKey',
      'The secret key is short, regular or known: who guesses it can sign in as anyone.',
      hint,
    ),
    ...warn(
      secretKeyFallbacks.some(isWeak),
      'security.W003',
      'secretKeyFallbacks',
      'An older secret key is short, regular or known.',
      `Remove it. ${hint}`,
    ),
  ]
}

const hostsAreNamed: SettingsCheck = ({ allowedHosts }) => [
  ...warn(
    allowedHosts.length === 0,
    'security.W004',
    'allowedHosts',
    'No host is allowed: every request is refused.',
    "Name the hosts of the site: allowedHosts: ['example.com'].",
  ),
  ...warn(
    allowedHosts.includes('*'),
    'security.W005',
    'allowedHosts',
    'Every host is allowed: links in mails and caches can be poisoned with a forged Host header.',
    'Name the hosts of the site instead of "*".',
  ),
]

const httpsIsUsed: SettingsCheck = ({ security, sessions, csrf }) => [
  ...warn(
    !security.httpsRedirect,
    'security.W006',
    'security.httpsRedirect',
    'Visitors who come over HTTP are not sent to HTTPS.',
    'Set security.httpsRedirect to true, unless the proxy in front does it.',
  ),
  ...warn(
    security.hsts.maxAge === 0,
    'security.W007',
    'security.hsts',
    'Browsers are not told to use HTTPS only.',
    'Once HTTPS works everywhere, set security.hsts.maxAge: 3600 first, 31536000 later. It is hard to take back.',
  ),
  ...warn(
    sessions.secure === false,
    'security.W008',
    'sessions.secure',
    'The session cookie is also sent over HTTP, where others can read it.',
    'Remove the line: cookies set over HTTPS are then sent over HTTPS only.',
  ),
  ...warn(
    csrf.secure === false,
    'security.W009',
    'csrf.secure',
    'The CSRF cookie is also sent over HTTP.',
    'Remove the line: cookies set over HTTPS are then sent over HTTPS only.',
  ),
]

const protectionsAreOn: SettingsCheck = ({ security, csp, middleware }) => [
  ...warn(
    !security.csrf,
    'security.W010',
    'security.csrf',
    'Forged requests are not refused: the CSRF check is off.',
    'Remove the line; exempt single views with csrfExempt.',
  ),
  ...warn(
    security.frameOptions === false,
    'security.W011',
    'security.frameOptions',
    'Other sites may show this one in a frame and steal clicks.',
    'Remove the line, or set SAMEORIGIN.',
  ),
  ...warn(
    !security.noSniff,
    'security.W012',
    'security.noSniff',
    'Browsers may guess the type of files, and run uploads as scripts.',
    'Remove the line.',
  ),
  ...warn(
    security.referrerPolicy === false,
    'security.W013',
    'security.referrerPolicy',
    'Addresses of pages are told to other sites.',
    'Remove the line.',
  ),
  ...warn(
    security.crossOriginOpenerPolicy === false,
    'security.W014',
    'security.crossOriginOpenerPolicy',
    'Pages of other sites keep a hold on windows of this one.',
    'Remove the line.',
  ),
  ...warn(
    csp === false,
    'security.W015',
    'csp',
    'There is no Content-Security-Policy: an injected script runs.',
    'Remove the line, or give a policy.',
  ),
  ...warn(
    csp !== null && csp !== false && allowsInline(csp),
    'security.W016',
    'csp',
    "The Content-Security-Policy allows inline scripts ('unsafe-inline').",
    'Move scripts to files, or use cspNonce(request).',
  ),
  ...warn(
    middleware !== null && !middleware.some(({ name }) => name === 'securityHeaders'),
    'security.W017',
    'middleware',
    'The middleware named in settings has no securityHeaders.',
    'Write middleware: [...defaultMiddleware, yours], or add securityHeaders().',
  ),
]

function allowsInline(csp: Readonly<Record<string, readonly string[]>>): boolean {
  const sources = csp['script-src'] ?? csp['default-src'] ?? ["'unsafe-inline'"]
  return sources.includes("'unsafe-inline'") && !sources.some((source) => source.startsWith("'nonce-"))
}

const all: readonly SettingsCheck[] = [debugIsOff, secretKeyIsStrong, hostsAreNamed, httpsIsUsed, protectionsAreOn]
