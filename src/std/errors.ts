/** Options of every error of ours. */
export interface NuagesErrorOptions {
  /** Stable, never reused, `room.what-happened`: listed in the reference. */
  code: string
  /** What to do about it, a full sentence. */
  hint?: string
  /** HTTP status a handler answers with when the error reaches it; default 500. */
  status?: number
  cause?: unknown
}

/**
 * The base of every error Nuages throws. Says what happened with the value (`message`), and what to do (`hint`);
 * printing it shows both, with the stable `code`:
 *
 *     FieldNameError db.unknown-field: "titel" is not a field of blog.Post.
 *     Did you mean "title"? Fields: author, body, title.
 */
export class NuagesError extends Error {
  readonly code: string
  readonly hint: string | undefined
  readonly status: number

  constructor(message: string, options: NuagesErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = options.code
    this.hint = options.hint
    this.status = options.status ?? 500
    // The stack's first line was written before the code was known.
    const frames = this.stack?.indexOf('\n    at ') ?? -1
    Object.defineProperty(this, 'stack', {
      value: this.toString() + (frames >= 0 ? this.stack!.slice(frames) : ''),
      configurable: true,
      writable: true,
    })
  }

  override toString(): string {
    return `${this.name} ${this.code}: ${this.message}${this.hint ? `\n${this.hint}` : ''}`
  }
}

/** Something asked for does not fit what is declared: a wrong setting, option or call; found at start or by checks. */
export class ConfigurationError extends NuagesError {}
