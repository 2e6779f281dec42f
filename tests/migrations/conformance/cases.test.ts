/** Our own cases of migrations, on the engine that `TEST_ENGINE` names. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { engine } from '../../db/backends/fresh.ts'
import { malformed } from './shape.ts'
import { readCases, runCases } from './suite.ts'

const folder = join(import.meta.dirname, '../../conformance/migrations')
const files = readdirSync(folder).filter((name) => name.endsWith('.json'))

test('there are sixty cases or more, each with an id of its own', () => {
  const ids = files.flatMap((file) => readCases(join(folder, file)).map(({ id }) => id))
  expect(ids.length).toBeGreaterThanOrEqual(60)
  expect(new Set(ids).size).toBe(ids.length)
})

test.each(files)(
  `MIG-01…MIG-20: %s, forward, back, again, to zero and from zero on ${engine.name}`,
  async (file) => {
    const wrong: Record<string, string> = {}
    await runCases(engine, readCases(join(folder, file)), ({ id }, problem) => {
      if (problem !== null) wrong[id] = problem.slice(0, 600)
    })
    expect(wrong).toEqual({})
  },
  300_000,
)

const book = { fields: { id: { kind: 'autoId' } } }
test.each([
  [{ after: {} }, 'case has no "id"'],
  [{ id: 'a', after: {}, expects: {} }, 'case has "expects", which means nothing there: id, '],
  [{ id: 'a', after: { Book: book } }, 'models are named app.Model'],
  [
    { id: 'a', after: { 'library.Book': { fields: { n: { kind: 'int' } } } } },
    'case.after["library.Book"].fields["n"].kind is "int"',
  ],
  [
    { id: 'a', after: { 'library.Book': { fields: { n: { kind: 'char', maxLenght: 3 } } } } },
    'fields["n"] has "maxLenght"',
  ],
  [{ id: 'a', after: { 'library.Book': { fields: { n: { kind: 'char' } } } } }, 'fields["n"] has no "maxLength"'],
  [{ id: 'a', after: {}, databases: ['mariadb'] }, 'case.databases[0] is "mariadb"'],
  [{ id: 'a', after: {}, branches: [{ after: {} }] }, 'case.branches is not a list of two'],
  [
    { id: 'a', after: {}, expect: { tables: { t: { columns: { n: { nullable: true } } } } } },
    'case.expect.tables["t"].columns["n"] has "nullable"',
  ],
  [{ id: 'a', after: {}, expect: { error: { at: 'migrate' } } }, 'case.expect.error has no "code"'],
])('MIG-01 a case that says nothing, since a word of it is misspelt, is told: %o', (given, problem) => {
  expect(malformed(given)).toContain(problem)
  expect(malformed({ id: 'a', after: { 'library.Book': book } })).toBeNull()
})
