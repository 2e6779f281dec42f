/** What a loader owes: the contract of loaders/. */

/** A template's text and where it is from. */
export interface TemplateSource {
  readonly source: string
  /** A path, or another text that tells it from a template of the same name elsewhere. */
  readonly origin: string
  /** What changes when the text does: a modification time and size. Absent: it never changes. */
  readonly version?: string
}

/** Finds templates by name. Synchronous, as rendering is until it meets something to wait for. */
export interface TemplateLoader {
  /**
   * The first template of this name whose origin is not in `skip`, or null. Must not read outside its own place,
   * whatever the name: names may come from a request.
   */
  find(name: string, skip: ReadonlySet<string>): TemplateSource | null
  /** Where a name would be looked for, for the error. */
  places(name: string): readonly string[]
}
