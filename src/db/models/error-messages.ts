/** A field's own words for values that are refused: its option `errorMessages`. */
import { ValidationError } from '../../validators.ts'

/** Whatever has such an option: a field of a model, or of a form. */
interface Worded {
  readonly errorMessages?: unknown
}

/** The words for a kind of problem; undefined where the field has none. */
export function messageFor({ errorMessages }: Worded, kind: string): string | undefined {
  const own = errorMessages as Readonly<Record<string, unknown>> | undefined // typed by the builders
  return own !== undefined && Object.hasOwn(own, kind) && own[kind] !== undefined ? String(own[kind]) : undefined
}

/** The same error in the field's words. Of several problems each was worded where it was found. */
export function reworded(error: ValidationError, field: Worded): ValidationError {
  const own = error.messages.length === 1 ? messageFor(field, error.kind) : undefined
  return own === undefined ? error : new ValidationError(own, { kind: error.kind })
}
