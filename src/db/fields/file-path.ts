/** The path of a file that lies on this machine, chosen among those of a folder. */
import { join, resolve, sep } from 'node:path'
import { t } from '../../i18n/index.ts'
import { maxLength, ValidationError, validateNoNulls } from '../../validators.ts'
import type { FieldOptions as AnyOptions, FieldForm } from '../models/meta.ts'
import { declare, type FieldType, numberOption } from './descriptor.ts'
import type { Field, FieldOptions, IsKey, IsOptionalText, Nullable } from './types.ts'

/** Options of {@link filePath}. */
export interface FilePathOptions extends Omit<FieldOptions<string>, 'choices'> {
  /** The folder, absolute, or a function that gives it, asked each time. */
  readonly path: string | (() => string)
  /** Only files whose last part it matches: `/\.json$/`. Folders are not asked. */
  readonly match?: RegExp
  /** Those in folders below, too. Default false. */
  readonly recursive?: boolean
  /** Whether files and folders may be chosen. Default files only. */
  readonly allowFiles?: boolean
  readonly allowFolders?: boolean
  /** Characters; default 100. */
  readonly maxLength?: number
}

const BESIDE_COLUMN = ['path', 'match', 'recursive', 'allowFiles', 'allowFolders']
const lengthOf = (options: AnyOptions): number => numberOption(options, 'maxLength') ?? 100

function folderOf({ path }: AnyOptions): string {
  return resolve(String(typeof path === 'function' ? (path as () => string)() : path))
}

/** What may be chosen now, sorted; labels are below the folder. */
async function choicesOf(options: AnyOptions): Promise<{ value: string; label: string }[]> {
  const { readdir } = await import('node:fs/promises')
  const { match, recursive = false, allowFiles = true, allowFolders = false } = options
  const found: { value: string; label: string }[] = []
  const walk = async (folder: string, below: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const choice = { value: join(folder, entry.name), label: below + entry.name }
      const matches =
        !(match instanceof RegExp) || new RegExp(match.source, match.flags.replace(/[gy]/g, '')).test(entry.name)
      if (entry.isFile() && allowFiles === true && matches) found.push(choice)
      if (!entry.isDirectory() || entry.name === '__pycache__') continue
      if (allowFolders === true) found.push({ value: choice.value, label: `${choice.label}/` })
      if (recursive === true) await walk(choice.value, `${choice.label}/`)
    }
  }
  await walk(folderOf(options), '')
  return found.sort((a, b) => (a.label < b.label ? -1 : 1))
}

const filePathType: FieldType = {
  builder: 'filePath',
  kind: 'char',
  text: true,
  column: (options) => ({ kind: 'char', maxLength: lengthOf(options) }),
  parse(input, { options }) {
    const folder = folderOf(options)
    // Path traversal: a path that came from outside leads nowhere else.
    if (
      typeof input === 'string' &&
      !input.includes('\0') &&
      resolve(input) === input &&
      input.startsWith(folder + sep)
    )
      return input
    throw new ValidationError(t('Choose one of the files offered.'), { kind: 'invalid_choice' })
  },
  validators: (options) => [maxLength(lengthOf(options)), validateNoNulls],
  implied: (options) => (options.blank === true && options.null !== true ? () => '' : null),
  formOf: (options): FieldForm => ({ choices: () => choicesOf(options) }),
  storage: {
    builder: 'char',
    options: (options) => ({
      ...Object.fromEntries(Object.entries(options).filter(([name]) => !BESIDE_COLUMN.includes(name))),
      maxLength: lengthOf(options),
    }),
  },
}

/**
 * The path of a file that is there already: `theme: filePath({ path: '/srv/themes', match: /\.json$/ })`. Forms and the
 * admin offer what the folder has when they are drawn. The whole path is stored, as in Django; for files that people send
 * see `file()`.
 */
export function filePath<const O extends FilePathOptions>(
  options: O,
): Field<Nullable<O, string>, IsOptionalText<O>, 'text', IsKey<O>> {
  return declare(filePathType, options)
}
