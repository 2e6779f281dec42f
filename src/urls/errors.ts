import { ConfigurationError, NuagesError, type NuagesErrorOptions } from '../std/errors.ts'

/**
 * A pattern or a table that cannot work: `urls.bad-pattern`, `urls.unknown-converter`, `urls.duplicate-converter`,
 * `urls.not-a-table`.
 */
export class UrlPatternError extends ConfigurationError {}

/** Views that do not fit their table: `urls.missing-views`, `urls.bad-view`. Lists everything that is wrong at once. */
export class ViewBindingError extends ConfigurationError {
  readonly problems: readonly BindingProblem[]

  constructor(message: string, options: NuagesErrorOptions & { readonly problems?: readonly BindingProblem[] }) {
    super(message, options)
    this.problems = options.problems ?? []
  }
}

/** A route and its view that do not fit. */
export interface BindingProblem {
  /** `library:bookDetail` */
  readonly route: string
  readonly message: string
}

/**
 * A link that cannot be made: `urls.not-bound`, `urls.not-included`, `urls.ambiguous-link`, `urls.missing-parameter`,
 * `urls.unknown-parameter`, `urls.wrong-parameter`, `urls.unknown-name`. The NoReverseMatch of Django.
 */
export class LinkError extends NuagesError {}
