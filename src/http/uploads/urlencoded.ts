import { BadRequest, ContentTooLarge } from '../errors.ts'
import { addTo, FormBody } from './form-body.ts'

/**
 * Reads `a=1&b=2`. Only `&` separates: with `;` a cache in between could read other fields than we do (CVE-2021-23336).
 * @throws ContentTooLarge http.too-many-fields
 * @throws BadRequest http.malformed-form when an escape is broken or not UTF-8: better than half a word in a database
 */
export function readUrlencoded(text: string, maxFields: number): FormBody {
  const fields = new Map<string, string[]>()
  let count = 0
  for (let start = 0; start < text.length; ) {
    const and = text.indexOf('&', start)
    const end = and === -1 ? text.length : and
    if (end > start) {
      if (++count > maxFields) throw tooManyFields(maxFields)
      const equals = text.indexOf('=', start)
      const cut = equals === -1 || equals > end ? end : equals
      addTo(fields, decode(text.slice(start, cut)), cut === end ? '' : decode(text.slice(cut + 1, end)))
    }
    start = end + 1
  }
  return new FormBody(fields)
}

/** 413 for too many fields. */
export function tooManyFields(limit: number): ContentTooLarge {
  return new ContentTooLarge(`More than ${limit} fields were sent.`, {
    code: 'http.too-many-fields',
    hint: 'The limit is the setting limits.maxFields.',
  })
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch (cause) {
    throw new BadRequest(`The form has a broken escape in ${JSON.stringify(text.slice(0, 80))}.`, {
      code: 'http.malformed-form',
      hint: 'Percent-encode UTF-8: %C3%A9 for é, %25 for a percent sign.',
      cause,
    })
  }
}
