/** Parity with Django 3.2 and 5.2: every row of templates.jsonl, under each of its settings, on both back ends. */
import { afterAll, expect, test } from 'vitest'
import { clearCatalogs } from '../../src/i18n/index.ts'
import { isExpected, outcomeOf, readRows, type TemplateRow } from './adapter.ts'

afterAll(clearCatalogs)

/**
 * Rows that spell out what Python calls `True`, `False` and `None` (or a language's name as its list has it, not as
 * `Intl` does): here they are `true`, `false` and nothing.
 */
const PYTHON_LITERALS = [
  'templates-a9396ea985', // filters/divisibleby
  'templates-0a9df98942', // filters/divisibleby
  'templates-27895a4c0d', // filters/divisibleby
  'templates-1c2906f7b1', // filters/yesno
  'templates-b3a148702d', // filters/yesno
  'templates-c3d059dc58', // filters/yesno
  'templates-ce85654530', // syntax/i18n/filters
  'templates-1b836cd58f', // syntax/i18n/filters
  'templates-6755e37b24', // syntax/i18n/get_language_info_list
  'templates-e9f345066a', // syntax/builtins
  'templates-5c75b6f984', // syntax/builtins
  'templates-e937a78f7d', // humanize
  'templates-323ea86fcb', // humanize
  'templates-69a36f6228', // humanize
  'templates-a0a44054c2', // humanize
]

/** The other rows that differ, and why. */
const OTHERS: Readonly<Record<string, string>> = {
  'templates-539b396e95': 'a fixed offset is called UTC+00:30, as Python does; the row has one with a name of its own',
}

const rows = readRows<TemplateRow>('templates')

for (const [name, generateCode] of [
  ['generated code', true],
  ['the interpreter', false],
] as const) {
  test(`${name} gives Django's output for every row but those listed`, async () => {
    const failing = new Set<string>()
    for (const row of rows) {
      for (const settings of [row.settings, ...(row.also ?? []).map((more) => ({ ...row.settings, ...more }))]) {
        if (!isExpected(row, await outcomeOf(row, settings, generateCode))) failing.add(row.id)
      }
    }
    expect([...failing].sort()).toEqual([...PYTHON_LITERALS, ...Object.keys(OTHERS)].sort())
  })
}
