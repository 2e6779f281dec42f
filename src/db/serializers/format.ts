/** The contract of a format, and the list of those that are known: one file a format. */
import { nearest } from '../../std/text.ts'
import { SerializationError } from './errors.ts'
import { jsonFormat } from './json.ts'
import { jsonLinesFormat } from './jsonl.ts'
import { xmlFormat } from './xml.ts'
import { yamlFormat } from './yaml.ts'

/**
 * A row as formats see it, in Django's words. Values are what JSON can say, and `bigint` for whole numbers beyond
 * 2^53.
 */
export interface FixtureRow {
  /** `library.book`. */
  readonly model: string
  /** Absent where the row is known by its natural key; a list for a key of several fields. */
  readonly pk?: unknown
  /** By name in snake case, relations included: keys, or lists of keys. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** A row that was read, not yet trusted: `value` should be a {@link FixtureRow}. */
export interface FixtureItem {
  readonly value: unknown
  /** Where it begins, from 1; 0 where the format knows no lines. */
  readonly line: number
}

/** How rows become text and text becomes rows, both a part at a time so that large files need little memory. */
export interface FixtureFormat {
  /** What `--format` and `serialize()` call it. */
  readonly name: string
  /** Extensions of files, without the dot, the first for new ones. */
  readonly extensions: readonly string[]
  /**
   * @param options.indent   spaces of each level; 0: a row on a line
   */
  write(rows: AsyncIterable<FixtureRow>, options: { readonly indent: number }): AsyncIterable<string>
  /** @throws DeserializationError serializers.malformed for text of another form */
  read(parts: AsyncIterable<string>): AsyncIterable<FixtureItem>
}

const formats = new Map<string, FixtureFormat>([
  ['json', jsonFormat],
  ['jsonl', jsonLinesFormat],
  ['xml', xmlFormat],
  ['yaml', yamlFormat],
])

/** Adds a format, or replaces the one of its name. */
export function registerFormat(format: FixtureFormat): void {
  formats.set(format.name, format)
}

/** Names of all formats. */
export function formatNames(): string[] {
  return [...formats.keys()]
}

/** A format by name. @throws SerializationError serializers.unknown-format */
export function formatNamed(name: string): FixtureFormat {
  const format = formats.get(name)
  if (format !== undefined) return format
  const near = nearest(name, formats.keys())
  throw new SerializationError(`There is no format "${name}".`, {
    code: 'serializers.unknown-format',
    hint: `${near === null ? '' : `Did you mean "${near}"? `}Formats: ${formatNames().join(', ')}. Others are added by registerFormat().`,
  })
}

/** The format of an extension (without its dot), or null. */
export function formatOfExtension(extension: string): FixtureFormat | null {
  for (const format of formats.values()) if (format.extensions.includes(extension)) return format
  return null
}
