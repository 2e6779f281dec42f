/** What the types of the DOM do not know yet. */
const from = (
  ReadableStream as typeof ReadableStream & { from(chunks: AsyncIterable<Uint8Array>): ReadableStream }
).from.bind(ReadableStream)

/** Chunks as a web stream, read at the pace of whoever reads it. */
export function webStream(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return from(chunks) as ReadableStream<Uint8Array<ArrayBuffer>> // a stream of what it was given
}
