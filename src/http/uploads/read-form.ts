import { mediaType } from '../accept.ts'
import { decodeText, type RequestBody } from '../body.ts'
import { UnsupportedMediaType } from '../errors.ts'
import type { BodyLimits } from '../limits.ts'
import type { RequestSource } from '../source.ts'
import { FormBody } from './form-body.ts'
import { readMultipart } from './multipart.ts'
import { readUrlencoded } from './urlencoded.ts'

/**
 * The form a request sent, of either kind; empty when it has no body.
 * @param cleanup takes a function to be called when the request ends
 */
export async function readForm(
  source: RequestSource,
  body: RequestBody,
  limits: BodyLimits,
  cleanup: (remove: () => Promise<void>) => void,
): Promise<FormBody> {
  const header = source.header('content-type') ?? ''
  const type = mediaType(header)
  if (type === 'application/x-www-form-urlencoded') {
    return readUrlencoded(decodeText(await body.bytes(limits.maxBody), 'http.malformed-form'), limits.maxFields)
  }
  if (type === 'multipart/form-data') return readMultipart(body.stream(), header, limits, cleanup)
  if (!source.hasBody) return new FormBody(new Map())
  throw new UnsupportedMediaType(`A form was expected, and ${type || 'a body without a Content-Type'} came.`, {
    code: 'http.not-a-form',
    hint: 'Send application/x-www-form-urlencoded or multipart/form-data, or read the body with json().',
  })
}
