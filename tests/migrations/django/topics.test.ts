// Topics of Django's own tests of migrations, by their names: each is cited by a test of this folder's parent, in the title
// or a comment, or stands in not-applicable.ts with the reason why it is no topic of ours.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DJANGO_3, LATER } from './names.ts'
import { NOT_APPLICABLE } from './not-applicable.ts'

const folder = join(import.meta.dirname, '..')
const texts = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.test.ts') && !file.startsWith('django'))
  .map((file) => readFileSync(join(folder, file), 'utf8'))
/** `test_x`, or `operations.test_x` where tests of several files have the name. */
const cited = new Set(texts.flatMap((text) => text.match(/\b(?:[a-z]+\.)?test_\w+\b(?!\.py)/g) ?? []))

const files = Object.keys(DJANGO_3)
const known = files.flatMap((file) => namesOf(file).map((name) => ({ file, name })))
const isShared = (name: string) => known.filter((each) => each.name === name).length > 1

function namesOf(file: string): readonly string[] {
  return [...DJANGO_3[file]!, ...(LATER[file] ?? [])]
}
const citation = (file: string, name: string) => (isShared(name) ? `${file}.${name}` : name)

test.each(files)('MIG every topic of Django’s test_%s.py is cited, or has a reason why not', (file) => {
  const open = namesOf(file).filter(
    (name) => !cited.has(citation(file, name)) && NOT_APPLICABLE[file]?.[name] === undefined,
  )
  expect(open).toEqual([])
})

test('MIG a topic is cited or not applicable, not both; each reason says why, and is of a topic that there is', () => {
  for (const [file, topics] of Object.entries(NOT_APPLICABLE)) {
    for (const [name, reason] of Object.entries(topics)) {
      expect(cited.has(citation(file, name)), name).toBe(false)
      expect(reason.length, name).toBeGreaterThan(10)
      expect(namesOf(file), name).toContain(name)
    }
  }
})

test('MIG what is cited is a topic of Django’s', () => {
  const names = new Set(known.map(({ file, name }) => citation(file, name)))
  expect([...cited].filter((each) => !names.has(each)).sort()).toEqual([])
})
