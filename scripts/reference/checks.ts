/** docs/reference/checks.md: every finding a check can make. */
import { argumentsOf, bracketed, heading, literalText, sourceFiles, table } from './source.ts'

const LEVELS: Readonly<Record<string, string>> = { E: 'error', W: 'warning', I: 'info', C: 'critical' }

interface Finding {
  readonly id: string
  readonly message: string
  readonly hint: string
}

function* findings(): Generator<Finding> {
  for (const { text: raw } of sourceFiles()) {
    const text = raw.replace(/\/\*[\s\S]*?\*\//g, '')
    for (const match of text.matchAll(/'([a-z0-9]+\.[EWICD]\d{3})'/g)) {
      const id = match[1]!
      // The innermost call that has the id among its arguments.
      const open = [...text.slice(0, match.index).matchAll(/\(/g)].findLast(
        ({ index }) => index + bracketed(text, index).length > match.index,
      )
      const args = open === undefined ? [] : argumentsOf(bracketed(text, open.index))
      const at = args.findIndex((arg) => arg.includes(id))
      const rest = args.slice(at + 1)
      const hintObject = rest.find((arg) => arg.startsWith('{') && arg.includes('hint'))
      const message = rest.map(literalText).find((found) => found !== '') ?? ''
      const hint = hintObject === undefined ? '' : literalText(/\bhint:\s*([\s\S]*)/.exec(hintObject)?.[1] ?? '')
      // unknownName(id, admin, 'editable', …): the words are made by a function of the admin.
      const option = /^'(\w+)'$/.exec(rest[1] ?? '')?.[1]
      const made =
        message === '' && option !== undefined ? `The option \`${option}\` names what is not there.` : message
      const last = rest.map(literalText).findLast((found) => found !== '' && found !== message) ?? ''
      yield { id, message: made, hint: hint || (hintObject === undefined ? last : '') }
    }
  }
}

/** Checks whose message is that of an error, or made by a function for several ids. */
const WORDS: Readonly<Record<string, string>> = {
  'admin.E001': 'The option `list` names what is not there.',
  'admin.E002': 'The option `filters` names what is not there.',
  'admin.E003': 'The option `search` names what is not there.',
  'admin.E004': 'The option `ordering` names what is not there.',
  'admin.E006': 'The option `fields` or `readonly` names what is not there.',
  'admin.E007': 'The option `links` names no column of `list`.',
  'admin.E005': 'The option `list` or `ordering` names what leads to many rows.',
  'admin.E009': 'An option names a secret field.',
  'admin.E010': 'The option `search` names a relation.',
  'admin.E011': 'The option `fields` names what a form of this model cannot write.',
  'admin.E012': 'An option names the same twice.',
  'admin.E008': 'The option `perPage` is no number of rows.',
  'migrations.W003': 'The database could not be asked which migrations are applied.',
  'migrations.E001': 'The migrations cannot be read.',
  'migrations.E002': '`migrations/latest.txt` of an app names another migration than its last, or holds a conflict.',
  'auth.E001': 'There is not exactly one user model.',
  'db.E002': 'A reverse relation that nothing answers.',
  'db.E006': 'An index or constraint names a field that is not there.',
  'db.E012': 'A field cannot be resolved.',
  'conf.E001': 'A setting cannot be used.',
  'apps.E001': 'An app cannot be used: its name is taken, or one of its models is.',
  'urls.E003': 'A route has no view, or its view is bound to another route.',
  'i18n.E001': 'A file of translations cannot be used.',
  'settings.W001': '`staticDirs` or `templateDirs` names what is no folder.',
  'templates.E001': 'A template cannot be compiled.',
  'urls.E001': 'Routes, views or templates of the project do not load.',
}

export function checksPage(): string {
  const rows = new Map<string, string[]>()
  for (const { id, message, hint } of findings()) {
    if (rows.has(id)) continue
    const level = LEVELS[id.split('.')[1]![0]!]!
    const deploy = id.startsWith('security.') ? ' (`--deploy`)' : ''
    rows.set(id, [`\`${id}\``, level + deploy, plain(WORDS[id] ?? message), plain(hint)])
  }
  const sorted = [...rows.keys()].sort().map((id) => rows.get(id)!)
  const about =
    '`nuages check` looks for these without running the project; `serve` does not start with errors. Ids are stable. In ' +
    'the messages, … stands for the value. See [checks and errors](../guides/checks-and-errors.md).'
  return `${heading('Checks', about)}${table(['Id', 'Level', 'Message', 'Hint'], sorted)}`
}

function plain(text: string): string {
  return text.replace(/</g, '&lt;')
}
