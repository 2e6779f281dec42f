import { NuagesError } from '../std/errors.ts'

/** A form was used in a way it cannot be: an unknown field, values read before validation. */
export class FormError extends NuagesError {}
