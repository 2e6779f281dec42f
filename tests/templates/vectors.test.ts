/** Parity with Django: the rows of text, numbers and times that concern filters. */
import { expect, test } from 'vitest'
import { mismatches, rows } from '../conformance/rows.ts'
import { KINDS } from './vectors.ts'

const NO_ZEROS = 'a Decimal does not keep trailing zeros or the sign of zero'
const JSON_TEXT = 'the same JSON, without the spaces and ASCII escapes that Python writes'

const KNOWN: Readonly<Record<string, string>> = {
  'numbers-e206213fb2': NO_ZEROS,
  'numbers-f4b995e945': NO_ZEROS,
  'numbers-9cdbe9830a': NO_ZEROS,
  'numbers-c67e2c409c': NO_ZEROS,
  'numbers-8515b0fe9c': NO_ZEROS,
  'numbers-8894d422b1': NO_ZEROS,
  'text-d7a9e93226': JSON_TEXT,
  'text-a71e644b44': JSON_TEXT,
}

for (const file of ['text', 'numbers', 'timetext']) {
  for (const kind of Object.keys(KINDS)) {
    // camel_case_to_spaces is no filter of templates.
    const list = rows(file, kind).filter((row) => row.input.filter !== 'camel_case_to_spaces')
    if (list.length === 0) continue
    test(`${file}: all ${list.length} rows of ${kind} come out as in Django, but those listed`, () => {
      const wrong = mismatches(list, (row) => KINDS[kind]!(row.input)).filter(
        (line) => !(line.split(' ', 1)[0]! in KNOWN),
      )
      expect(wrong).toEqual([])
    })
  }
}
