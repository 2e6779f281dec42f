import { boot, redactSettings } from '../../conf/index.ts'
import { t } from '../../i18n/index.ts'
import { defineCommand } from '../command.ts'

/** A setting, as far as it may be shown. */
interface Line {
  readonly setting: string
  readonly value: unknown
  readonly default: unknown
  readonly changed: boolean
}

export default defineCommand({
  help: 'List the settings that differ from their defaults. Secrets are hidden.',
  needs: 'settings',
  options: {
    all: { type: 'boolean', help: 'also those that have their default' },
    json: { type: 'boolean', help: 'as JSON, with the defaults' },
  },
  async run({ options, out, settings }) {
    // What a project would have that writes nothing but the apps, whose settings have defaults too.
    const plain = { secretKey: 'x'.repeat(32), apps: settings.apps, root: settings.root }
    const defaults = { ...flat({ ...boot(plain, { env: {}, root: settings.root }) }), secretKey: null, apps: [] }
    const shownDefaults: Record<string, unknown> = { ...flat(redactSettings(defaults)) }
    const values = flat({ ...settings })
    const shown = flat(redactSettings(settings))
    const lines = Object.keys(shown).map((setting): Line => {
      const fallback = setting in shownDefaults ? shownDefaults[setting] : null
      const changed = !same(values[setting] ?? null, (defaults as Record<string, unknown>)[setting] ?? null)
      return { setting, value: shown[setting] ?? null, default: fallback ?? null, changed }
    })
    const wanted = lines.filter(({ changed, setting }) => (options.all || changed) && setting !== 'root')
    if (options.json) return out.json(wanted)
    if (wanted.length === 0) out.line(t('Every setting has its default.'))
    for (const { setting, value, changed } of wanted) {
      const text = `${setting} = ${JSON.stringify(value)}`
      out.line(options.all && changed ? out.style('bold', text) : text)
    }
  },
})

/** Groups taken apart: `sessions.maxAge`. Lists, databases and what is no plain object stay whole. */
function flat(settings: Record<string, unknown>, prefix = ''): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(settings)) {
    const plain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
    if (plain && !Array.isArray(value) && !(Symbol.for('nuages.app') in value))
      Object.assign(found, flat(value as Record<string, unknown>, `${prefix}${key}.`))
    else found[`${prefix}${key}`] = value
  }
  return found
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => same(item, b[i]))
  return false
}
