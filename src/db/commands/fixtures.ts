/** Finding fixtures: by name in the `fixtures` folders of the apps, or by path. */
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { CommandError } from '../../cli/index.ts'
import { t } from '../../i18n/index.ts'
import { nearest } from '../../std/text.ts'
import { formatNamed, formatNames, formatOfExtension } from '../serializers/format.ts'
import type { FixtureSource } from '../serializers/load.ts'
import { compressions, splitName } from './compression.ts'

/** Where fixtures are looked for. */
export interface Place {
  readonly apps: readonly { readonly name: string; readonly root: string }[]
  /** Folder that paths start from. */
  readonly folder: string
  /** `cities.replica.json` is for that database only. */
  readonly database: string
  /** Name of the format, for stdin and files whose extension tells none. */
  readonly format: string | undefined
  readonly stdin: Readable
}

/**
 * The files of a name: one of each app that has it, or the one at a path; `-` is stdin.
 * @throws CommandError db.fixture-not-found, db.ambiguous-fixture, db.fixture-format
 */
export function fixtureSources(name: string, place: Place): FixtureSource[] {
  if (name === '-') return [stdinSource(place)]
  const isPath = /[\\/]/.test(name)
  const folders = isPath ? [] : place.apps.map((app) => join(app.root, 'fixtures'))
  const found = [...folders, dirname(resolve(place.folder, name))].flatMap((folder) => {
    const path = fileIn(folder, basename(name), place)
    return path === null ? [] : [path]
  })
  const paths = [...new Set(found)]
  if (paths.length === 0) throw notFound(name, folders, place)
  return paths.map((path) => fileSource(path, place))
}

/** The file of a name in a folder, with the extensions that the name leaves open. */
function fileIn(folder: string, name: string, place: Place): string | null {
  const exact = join(folder, name)
  if (existsSync(exact) && statSync(exact).isFile()) return exact
  if (!existsSync(folder)) return null
  const matches = readdirSync(folder).filter((file) => {
    const { stem, format, packed } = splitName(file)
    if (format === undefined || formatOfExtension(format) === null) return false
    const full = `${stem}.${format}`
    const wanted = [name, `${name}.${place.database}`]
    return wanted.includes(stem) || (packed !== undefined && (full === name || full === wanted[1]))
  })
  if (matches.length < 2) return matches.length === 0 ? null : join(folder, matches[0]!)
  throw new CommandError(
    t('Several files of {folder} are called {name}: {files}.', { folder, name, files: matches.join(', ') }),
    {
      code: 'db.ambiguous-fixture',
      hint: 'Name the one you mean in full.',
    },
  )
}

function notFound(name: string, folders: readonly string[], { folder }: Place): CommandError {
  const there = folders.filter(existsSync).flatMap((each) => readdirSync(each))
  const near = nearest(
    name,
    there.flatMap((file) => [file, splitName(file).stem]),
  )
  return new CommandError(t('There is no fixture "{name}".', { name }), {
    code: 'db.fixture-not-found',
    hint:
      near === null
        ? `Looked in ${[...folders.filter(existsSync), folder].join(', ')}. A fixture is a file such as fixtures/cities.json of an app, or a path.`
        : `Did you mean "${near}"?`,
  })
}

function fileSource(path: string, place: Place): FixtureSource {
  const { format: extension, packed } = splitName(basename(path))
  const format = place.format ?? (extension === undefined ? undefined : formatOfExtension(extension)?.name)
  if (format === undefined) throw unknownFormat(path)
  const open = (): Readable => {
    const file = createReadStream(path)
    if (packed === undefined) return file.setEncoding('utf8')
    const unpacked = compressions[packed]!.unpack()
    file.on('error', (error) => unpacked.destroy(error))
    return file.pipe(unpacked).setEncoding('utf8')
  }
  return { name: path, format: formatNamed(format).name, open: () => open() as AsyncIterable<string> }
}

function stdinSource({ format, stdin }: Place): FixtureSource {
  if (format === undefined) throw unknownFormat('stdin')
  let read = false
  const open = () => {
    if (read) return null
    read = true
    return stdin.setEncoding('utf8') as AsyncIterable<string>
  }
  return { name: 'stdin', format: formatNamed(format).name, open }
}

function unknownFormat(name: string): CommandError {
  return new CommandError(t('The format of {name} is not known.', { name }), {
    code: 'db.fixture-format',
    hint: `Name it: --format ${formatNames().join(' or ')}.`,
  })
}
