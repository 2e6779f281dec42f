/** What is told of a loop of queries; a type alone, that the debug page reads as well. */

/** A query that one place made again and again. */
export interface RepeatedQuery {
  /** Where, as `file:line`: of the project's code, or of a template. */
  readonly place: string
  /** Places that led there, nearest first. */
  readonly from: readonly string[]
  /** `Book.author`, `Book`; null for a table without a model. */
  readonly about: string | null
  /** The statement, without its columns and values. */
  readonly sql: string
  /** How often, so far. */
  readonly count: number
  /** Milliseconds of all of them. */
  readonly milliseconds: number
  /** What to write instead, and where. */
  readonly advice: string
}
