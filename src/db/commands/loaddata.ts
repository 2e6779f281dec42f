import { relative } from 'node:path'
import { defineCommand, UsageError } from '../../cli/index.ts'
import { t } from '../../i18n/index.ts'
import { using } from '../connections.ts'
import { loadFixtures } from '../serializers/load.ts'
import { fixtureSources } from './fixtures.ts'
import { modelsOf } from './labels.ts'

export default defineCommand({
  help:
    'Load fixtures: files that dumpdata or Django wrote. Looked for in the fixtures folder of each app, or at a path; - is ' +
    'stdin. All of them in one transaction: references are checked at its end, and a mistake leaves nothing behind.',
  arguments: [{ name: 'fixtures', help: 'names (cities) or paths (./cities.json.gz)', variadic: true }],
  options: {
    database: { type: 'string', default: 'default', help: 'alias of the database' },
    app: { type: 'string', help: 'look in the fixtures of this app only' },
    exclude: {
      type: 'list',
      short: 'e',
      placeholder: 'label',
      help: 'an app or model whose rows are left out; may be repeated',
    },
    ignoreNonexistent: { type: 'boolean', short: 'i', help: 'leave out models and fields that do not exist any more' },
    model: {
      type: 'list',
      placeholder: 'old=new',
      help: 'rows of one model are those of another here: auth.user=accounts.User; may be repeated',
    },
    format: { type: 'string', help: 'of stdin, and of files whose extension tells none' },
  },
  examples: ['loaddata cities', 'loaddata backup.json.gz --model auth.user=accounts.User', 'loaddata - --format json'],
  needs: 'database',
  async run({ args, options, out, project }) {
    const apps = project.apps.apps.filter((app) => options.app === undefined || app.name === options.app)
    if (apps.length === 0) modelsOf(project, [options.app!]) // tells what it might have been
    const excluded = new Set(options.exclude.length === 0 ? [] : modelsOf(project, options.exclude))
    const place = {
      apps,
      folder: process.cwd(),
      database: options.database,
      format: options.format,
      stdin: process.stdin,
    }
    const sources = args.fixtures.flatMap((name) => fixtureSources(name, place))
    const models = renamed(options.model)
    for (const label of Object.values(models)) modelsOf(project, [label])
    const progress = (rows: number) => out.write(`\r${t('{count} rows', { count: rows })}`)
    const load = () =>
      loadFixtures(sources, {
        using: options.database,
        models,
        ignoreNonexistent: options.ignoreNonexistent,
        accepts: (model) => !excluded.has(model),
        ...(out.interactive && { onProgress: progress }),
      })
    const { rows } = await using(options.database, load)
    const files = sources.map(({ name }) => (name === 'stdin' ? name : relative(place.folder, name))).join(', ')
    if (out.interactive && rows >= 500) out.write('\r')
    out.success(t('{count} rows loaded from {files}.', { count: rows, files }))
    if (rows === 0) out.warn(t('There were none: is the file meant to be empty?'))
  },
})

/** `auth.user=accounts.User` */
function renamed(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [from, to, ...more] = pair.split('=')
      if (!from || !to || more.length > 0) {
        throw new UsageError(t('--model {pair}: two labels with an equals sign are expected.', { pair }), {
          hint: 'Write --model auth.user=accounts.User',
        })
      }
      return [from, to]
    }),
  )
}
