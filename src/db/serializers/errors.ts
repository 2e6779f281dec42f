import { NuagesError, type NuagesErrorOptions } from '../../std/errors.ts'

/** Rows cannot be written as text: an unknown format, a field that does not exist. */
export class SerializationError extends NuagesError {}

/** Options of {@link DeserializationError}. */
export interface DeserializationErrorOptions extends NuagesErrorOptions {
  /** Where the text came from: a file's path. */
  source?: string | undefined
  /** Line of the row in it, from 1. */
  line?: number | undefined
  /** `library.book`, as the text says it. */
  model?: string | undefined
  /** The row's key, as the text says it. */
  pk?: unknown
  /** Name of the field as the text says it. */
  field?: string | undefined
}

/** Text is no fixture, or a row of it cannot be taken. The message names file, line, row and field where they are known. */
export class DeserializationError extends NuagesError {
  readonly source: string | undefined
  readonly line: number | undefined
  readonly model: string | undefined
  readonly pk: unknown
  readonly field: string | undefined

  constructor(message: string, options: DeserializationErrorOptions) {
    const { source, line, model, pk, field } = options
    const at = [source, line].filter((part) => part !== undefined).join(':')
    const key = pk === undefined || pk === null ? '' : ` ${JSON.stringify(pk)?.slice(0, 80)}`
    const row = model === undefined ? '' : ` (${model}${key}${field === undefined ? '' : `, field ${field}`})`
    super(`${at === '' ? '' : `${/^\d/.test(at) ? 'line ' : ''}${at}: `}${message}${row}`, options)
    this.source = source
    this.line = line
    this.model = model
    this.pk = pk
    this.field = field
  }
}
