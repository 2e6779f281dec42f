import { NuagesError } from '../std/errors.ts'

/** A language tag or time zone that is none: `i18n.bad-language`, `i18n.unknown-time-zone`. Status 400. */
export class I18nError extends NuagesError {}
