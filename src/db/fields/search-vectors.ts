/** Columns that keep the words of others, ready to be searched (PostgreSQL). */
import { ModelError } from '../errors.ts'
import { PathExpression } from '../expressions/expression.ts'
import { type SearchPart, SearchVectorExpression, type SearchWeight } from '../expressions/search-vector.ts'
import { picture } from '../query/errors.ts'
import { Descriptor, type FieldType } from './descriptor.ts'
import { declareGenerated, type GeneratedField } from './generated.ts'

/** What such a column is of; migrations name it. @internal */
export const tsvectorType: FieldType = {
  builder: 'tsvector',
  kind: 'text',
  column: () => ({ kind: 'text', declared: { postgres: 'tsvector' } }),
  parse: (input) => String(input),
}

/** Options of {@link searchVector}. */
export interface SearchVectorOptions {
  /** Whose words, by PostgreSQL's name of a text search configuration (`english`). Default `simple`: words as they are. */
  readonly language?: string
  readonly dbColumn?: string
}

/** A field among those of a {@link searchVector}. */
export interface SearchVectorPart {
  /** How much its words count, from A, the most, to D. Default D. */
  readonly weight?: SearchWeight
  /** Whose words they are. Default the language of the vector. */
  readonly language?: string
}

/**
 * A column with the words of other fields of the row, which PostgreSQL keeps up to date whoever writes:
 *
 *     words: searchVector({ title: 'A', body: 'B' }, { language: 'english' })
 *     // among the model's indexes: index(['words'], { method: 'gin' })
 *
 * Letters say how much a field counts for `SearchRank(['words'], text)`: A (1), B (0.4), C (0.2), D (0.1); a list of names
 * instead counts all alike. A field in another language says so: `{ title: 'A', titre: { weight: 'A', language: 'french' } }`; a
 * search is then read by the rules of each. Searched by `words__search` and `SearchMatch(['words'], text)`; reading rows without it is
 * cheaper: `defer('words')`. PostgreSQL and PGlite.
 * @throws ModelError db.bad-search-vector where no field is named
 */
export function searchVector(
  of: readonly string[] | Readonly<Record<string, SearchWeight | SearchVectorPart>>,
  { language = 'simple', ...options }: SearchVectorOptions = {},
): GeneratedField<string | null, 'text'> {
  const parts: SearchPart[] = Array.isArray(of)
    ? [[null, ...(of as readonly string[]).map((name) => new PathExpression(name))]] // told by isArray
    : Object.entries(of).map(([name, part]) => [
        typeof part === 'string' ? (part as SearchWeight) : (part.weight ?? null), // told by its type
        new PathExpression(name),
      ])
  const languages = Array.isArray(of)
    ? []
    : Object.values(of).map((part) => (typeof part === 'string' ? null : (part.language ?? null)))
  if (parts.every((part) => part.length < 2)) {
    throw new ModelError(`A search vector is of the words of fields, and ${picture(of)} names none.`, {
      code: 'db.bad-search-vector',
      hint: "Write searchVector(['title', 'body']), or searchVector({ title: 'A', body: 'B' }).",
    })
  }
  return declareGenerated(new SearchVectorExpression(language, parts, languages), {
    ...options,
    output: new Descriptor(tsvectorType, { null: true }),
  })
}
