/** JSON's own null, which a column of JSON may hold beside SQL's NULL. */
import type { JsonNull } from '../query/types/kinds.ts'

/**
 * The JSON value `null`: `create({ notes: JSONNull })` stores it, `filter({ notes: JSONNull })` finds it. A plain null is
 * SQL's, an empty column. Both are read as null. At a key inside, plain null is JSON's: `filter({ notes__a: null })`.
 */
export const JSONNull: JsonNull = Object.freeze({ '~json null': true as const, toJSON: () => null })
