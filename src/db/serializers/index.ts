/** `nuages/db/serializers`: rows as text and back, in the form of Django's fixtures. */
import '../query/register.ts'

export { type DeserializedRow, type DeserializeOptions, deserialize } from './deserialize.ts'
export { DeserializationError, type DeserializationErrorOptions, SerializationError } from './errors.ts'
export { type FixtureFormat, type FixtureItem, type FixtureRow, formatNames, registerFormat } from './format.ts'
export { type FixtureSource, type LoadOptions, type LoadResult, loadFixtures } from './load.ts'
export { fixtureRows, type SerializableRows, type SerializeOptions, serialize, serializeStream } from './serialize.ts'
