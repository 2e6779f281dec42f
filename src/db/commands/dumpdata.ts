import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CommandError, defineCommand, type Output, UsageError } from '../../cli/index.ts'
import { t } from '../../i18n/index.ts'
import { CycleError, topologicalSort } from '../../std/graph.ts'
import { primaryOf } from '../connections.ts'
import type { AnyModel } from '../models/meta.ts'
import { AnyQuerySet } from '../query/any-queryset.ts'
import { initialState } from '../query/state.ts'
import { withFilter, withOrder } from '../query/state-ops.ts'
import { allowsMigrate } from '../routers.ts'
import { formatNamed, formatOfExtension } from '../serializers/format.ts'
import { naturalDependencies, naturalFields } from '../serializers/natural-keys.ts'
import { fixtureRows } from '../serializers/serialize.ts'
import { BadValue, fromFixture } from '../serializers/values.ts'
import { compressions, splitName } from './compression.ts'
import { modelsOf } from './labels.ts'

/** Characters that are written at a time. */
const PART = 64 * 1024

export default defineCommand({
  help:
    'Write the rows of models as a fixture, which loaddata and Django read. ' +
    'All models of all apps, unless apps (library) or models (library.Book) are named.',
  arguments: [{ name: 'labels', help: 'apps and models', variadic: true, required: false }],
  options: {
    format: {
      type: 'string',
      help: 'json, jsonl, or one that the project registers; default: as the file is called, else json',
    },
    indent: { type: 'integer', default: 0, help: 'spaces of each level; 0: a row on a line' },
    output: {
      type: 'string',
      short: 'o',
      placeholder: 'file',
      help: 'a file; compressed where its name ends in .gz, .br or .zst',
    },
    database: { type: 'string', default: 'default', help: 'alias of the database' },
    exclude: { type: 'list', short: 'e', placeholder: 'label', help: 'an app or model to leave out; may be repeated' },
    pks: { type: 'string', placeholder: 'keys', help: 'only rows with these keys, separated by commas; of one model' },
    naturalForeign: { type: 'boolean', help: 'relations as natural keys, for a database whose keys are others' },
    naturalPrimary: { type: 'boolean', help: 'no primary keys of rows that have natural ones' },
    secrets: {
      type: 'boolean',
      help: 'secret fields too, such as password hashes: for moving data. Keep the file safe',
    },
  },
  examples: [
    'dumpdata library --indent 2',
    'dumpdata --natural-foreign --exclude sessions --secrets -o backup.json.gz',
    'dumpdata library.Book --pks 1,2,3',
  ],
  needs: 'database',
  async run({ args, options, out, project }) {
    const named = modelsOf(project, args.labels, options.exclude)
    // What routers keep out of a database has no rows there; a replica has those of its primary.
    const alias = primaryOf(options.database) ?? options.database
    const there = named.filter(({ meta }) => allowsMigrate(alias, meta.app, { model: meta.name }))
    const models = order(there, options.naturalForeign)
    if (options.indent < 0 || options.indent > 10) throw new UsageError(t('--indent is a number from 0 to 10.'))
    const { format, packed } = target(options.output, options.format)
    const sets = models.flatMap((model) => rowsOf(model, options, models.length, out))
    let done = 0
    const progress = options.output !== undefined && out.interactive ? out.progress(t('Writing rows')) : null
    const total = progress === null ? 0 : await count(sets)
    async function* rows() {
      for (const set of sets) {
        const source = fixtureRows(set, {
          using: options.database,
          secrets: options.secrets,
          useNaturalForeignKeys: options.naturalForeign,
          useNaturalPrimaryKeys: options.naturalPrimary,
        })
        for await (const row of source) {
          yield row
          if (++done % 500 === 0) progress?.update(done, total)
        }
      }
    }
    const text = inParts(format.write(rows(), { indent: options.indent }))
    if (options.output === undefined) {
      for await (const part of text) {
        out.write(part)
        // A reader slower than we are must not have all of it in our memory.
        if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain')
      }
      return
    }
    await writeFile(options.output, text, packed)
    progress?.update(total, total)
    progress?.end()
    out.success(t('{count} rows written to {file}.', { count: done, file: options.output }))
  },
})

/** A query set of every row, whatever the model's own `objects` leaves out. */
class Rows extends AnyQuerySet<object> {}

interface RowOptions {
  readonly database: string
  readonly pks?: string | undefined
  readonly secrets: boolean
}

/** None for a model whose key is secret, where secrets are not asked for. */
function rowsOf(model: AnyModel, options: RowOptions, models: number, out: Output): AnyQuerySet<object>[] {
  const { meta } = model
  const secret = meta.columns.filter((field) => field.secret)
  if (!options.secrets && secret.length > 0) {
    if (meta.pk.some((field) => field.secret)) {
      out.warn(t('Left out: {model}, whose key is secret. --secrets writes it.', { model: meta.label }))
      return []
    }
    const fields = secret.map((field) => field.name).join(', ')
    out.warn(t('Left out of {model}: {fields}. --secrets writes them.', { model: meta.label, fields }))
  }
  let state = withOrder(
    { ...initialState(model), alias: options.database },
    meta.pk.map((field) => field.attname),
  )
  if (options.pks !== undefined) {
    const [key, ...more] = meta.pk
    if (models !== 1 || more.length > 0) {
      throw new UsageError(t('--pks is for one model with a key of one field.'), {
        hint: 'Name the model: dumpdata library.Book --pks 1,2',
      })
    }
    const keys = options.pks.split(',').map((text) => fromFixture(key!, text.trim()))
    if (keys.some((value) => value instanceof BadValue || value === null)) {
      throw new UsageError(t('--pks {keys}: not keys of {model}.', { keys: options.pks, model: meta.label }))
    }
    state = withFilter(state, { [`${key!.attname}__in`]: keys })
  }
  return [new Rows(model, state)]
}

async function count(sets: readonly AnyQuerySet<object>[]): Promise<number> {
  let total = 0
  for (const set of sets) total += await set.count()
  return total
}

/** Each model after those it refers to, as far as they do not go in a circle: rows then load on any database. */
function order(models: readonly AnyModel[], natural: boolean): AnyModel[] {
  const needed = (model: AnyModel) => (natural && naturalFields(model).length > 0 ? naturalDependencies(model) : [])
  const referred = (model: AnyModel) =>
    [...model.meta.columns, ...model.meta.manyToMany].flatMap(({ relation }) =>
      relation === null || relation.target === model ? [] : [relation.target],
    )
  try {
    return topologicalSort(models, (model) => [...referred(model), ...needed(model)])
  } catch (error) {
    if (!(error instanceof CycleError)) throw error
    return topologicalSort(models, needed, (model) => model.meta.label)
  }
}

function target(output: string | undefined, asked: string | undefined) {
  const { format, packed } = output === undefined ? {} : splitName(output)
  if (asked !== undefined) return { format: formatNamed(asked), packed }
  const known = format === undefined ? null : formatOfExtension(format)
  return { format: known ?? formatNamed('json'), packed }
}

async function* inParts(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let part = ''
  for await (const text of texts) {
    part += text
    if (part.length < PART) continue
    yield part
    part = ''
  }
  if (part !== '') yield part
}

/** Written beside and renamed at the end: whatever fails, the file that was there stays. Only its owner reads it. */
async function writeFile(path: string, text: AsyncIterable<string>, packed: string | undefined): Promise<void> {
  const part = `${path}.part`
  try {
    const file = createWriteStream(part, { mode: 0o600 })
    if (packed === undefined) await pipeline(Readable.from(text), file)
    else await pipeline(Readable.from(text), compressions[packed]!.pack(), file)
    await rename(part, path)
  } catch (cause) {
    await rm(part, { force: true })
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === undefined || !/^E[A-Z]+$/.test(code)) throw cause
    throw new CommandError(t('{file} cannot be written: {reason}', { file: path, reason: message }), {
      code: 'db.cannot-write-file',
      hint: 'Name a file in a folder that exists and that you may write.',
      cause,
    })
  }
}
