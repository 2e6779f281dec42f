/** Which extension a statement missed, by what PostgreSQL says of it. */

/** By the server's message; the first that fits. */
const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/\bfunction (?:strict_)?(?:word_)?similarity\(/, 'pg_trgm'],
  [/"(?:gin|gist)_trgm_ops"/, 'pg_trgm'],
  [/operator does not exist: (?:text|character varying|unknown) (?:%|<->|<%|%>|<<%|%>>) /, 'pg_trgm'],
  [/\bfunction unaccent\(|text search dictionary "unaccent"/, 'unaccent'],
  [/\bfunction (?:digest|crypt|gen_salt|hmac|gen_random_bytes)\(/, 'pgcrypto'],
  [/type "(?:vector|halfvec|sparsevec)"|access method "(?:hnsw|ivfflat)"|"vector_\w+_ops"/, 'vector'],
  [/has no default operator class for access method "gist"/, 'btree_gist'],
  [/has no default operator class for access method "gin"/, 'btree_gin'],
  [/type "(citext|hstore|ltree|isn|cube)"/, '$1'],
]

/** The name of the extension, null where it is none that we know. */
export function missingExtension(message: string): string | null {
  for (const [sign, name] of SIGNS) {
    const found = sign.exec(message)
    if (found !== null) return name === '$1' ? found[1]! : name
  }
  return null
}
