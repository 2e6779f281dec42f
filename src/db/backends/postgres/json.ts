/** Paths into JSON and changes inside it, as PostgreSQL says them. */
import type { JsonPatchWords } from '../../sql/json-patch.ts'
import { quoteText } from './text.ts'

/** A path as a constant: an array literal of quoted keys, itself a quoted constant, which a key cannot leave (CVE-2019-14234). */
export function jsonPathLiteral(path: readonly (string | number)[]): string {
  const steps = path.map((step) => `"${String(step).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)
  return quoteText(`{${steps.join(',')}}`)
}

/** A key or an index as a constant: never as text of ours around it (CVE-2019-14234). */
const stepText = (step: string | number): string =>
  typeof step === 'number' ? String(step) : `${quoteText(step)}::text`

/** How changes inside JSON are said. */
export const JSON_WORDS: JsonPatchWords = {
  constant: (json) => `'${json}'::jsonb`,
  is: (type) => ['JSONB_TYPEOF(', `) = '${type}'`],
  at: (step) => ['(', ` -> ${stepText(step)})`],
  without: (steps) => ['(', `${steps.map((step) => ` - ${stepText(step)}`).join('')})`],
  put: (step, existing) => [
    'JSONB_SET(',
    `, ARRAY[${quoteText(String(step))}], COALESCE(`,
    `, 'null'::jsonb), ${existing ? 'false' : 'true'})`,
  ],
  append: ['(', ' || JSONB_BUILD_ARRAY(', '))'],
}
