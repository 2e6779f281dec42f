import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { t } from '../../i18n/index.ts'
import { defineCommand } from '../command.ts'
import { requireSettings } from '../environment.ts'
import { CommandError, UsageError } from '../errors.ts'
import { addImport, addToApps, addToRoutes } from '../source-edits.ts'

/** Files of a new app, published beside the command. */
const TEMPLATE = fileURLToPath(new URL('../../../bin/app/', import.meta.url))
/** Words that cannot be a variable's name. */
const RESERVED = new Set(
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield'.split(
    ' ',
  ),
)

export default defineCommand({
  help: 'Start an app in the project: a folder with models, addresses, views and a test. It is added to settings.ts and urls.ts.',
  needs: 'settings',
  arguments: [{ name: 'name', help: 'name of the app: lower case letters, digits and underscores' }],
  examples: ['startapp blog'],
  async run({ args: { name }, out, settings }) {
    const { root } = settings
    const variable = name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    assertName(name, variable)
    if (settings.apps.some((app) => app.name === name))
      throw new CommandError(`The project has an app named ${name} already.`, {
        code: 'cli.app-exists',
        hint: 'Choose another name: names of apps are part of their tables.',
      })
    const folder = join(root, name)
    if (existsSync(folder) && readdirSync(folder).length > 0)
      throw new CommandError(`${folder} is not empty.`, { code: 'cli.app-exists', hint: 'Choose another name.' })
    mkdirSync(folder, { recursive: true })
    for (const file of readdirSync(TEMPLATE)) {
      const text = readFileSync(join(TEMPLATE, file), 'utf8')
      const path = join(folder, file.replace('example', name))
      writeFileSync(path, text.replace('const example', `const ${variable}`).replaceAll('example', name), {
        flag: 'wx',
      })
      out.line(t('Wrote {path}', { path: relative(root, path) }))
    }
    const settingsFile = requireSettings()
    const prefix = dotted(relative(join(settingsFile, '..'), folder))
    edit(settingsFile, (text) => addImport(addToApps(text, variable), `{ ${variable} }`, `${prefix}/app.ts`)) ??
      out.warn(
        t('Add it to {file}:\n{lines}', {
          file: relative(root, settingsFile),
          lines: `  import { ${variable} } from '${prefix}/app.ts'\n  apps: [..., ${variable}],`,
        }),
      )
    const urlsFile = join(root, 'urls.ts')
    const path = name.replaceAll('_', '-')
    edit(urlsFile, (text) => {
      const included = addToRoutes(text, `${variable}: include('${path}/', ${variable}Urls)`)
      const imported = addImport(included, `{ urls as ${variable}Urls }`, `./${name}/urls.ts`)
      return /\binclude\b[^'"]*from\s+['"]nuages\/urls['"]/.test(text) ? imported : null
    }) ??
      out.warn(
        t('Add its addresses to the urls.ts of the project:\n{lines}', {
          lines: `  import { urls as ${variable}Urls } from './${name}/urls.ts'\n  ${variable}: include('${path}/', ${variable}Urls),`,
        }),
      )
    out.success(t('Started the app {name}. Its page is at /{path}/.', { name, path }))

    /** Gives null, and leaves the file, where it is not written as expected. */
    function edit(file: string, change: (text: string) => string | null): true | null {
      if (!existsSync(file)) return null
      const changed = change(readFileSync(file, 'utf8'))
      if (changed === null) return null
      writeFileSync(file, changed)
      out.line(t('Changed {path}', { path: relative(root, file) }))
      return true
    }
  },
})

const dotted = (path: string) => (path.startsWith('.') ? path : `./${path}`).replaceAll('\\', '/')

/** @throws UsageError cli.bad-app-name */
function assertName(name: string, variable: string): void {
  const wrong = !/^[a-z][a-z0-9_]{0,62}$/.test(name) || name.endsWith('_')
  if (!wrong && !RESERVED.has(variable) && !['node_modules', 'dist', 'nuages', 'settings', 'urls'].includes(name))
    return
  throw new UsageError(`${JSON.stringify(name)} is not a name for an app.`, {
    code: 'cli.bad-app-name',
    hint: 'Use lower case letters, digits and underscores, starting with a letter, and no word of JavaScript: blog, my_shop.',
  })
}
