// MIG-20: another key of a table with rows, and back. Topics of django/tests/migrations/test_autodetector.py that name no database.
import { createModel } from 'nuages/db/migrations'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ModelState } from '../../src/db/migrations/state.ts'
import { detect } from './detecting.ts'
import { closeDatabase, history, migrate, openDatabase, rows, run } from './history.ts'
import { f, model } from './states.ts'

beforeEach(() => {
  openDatabase()
})
afterEach(closeDatabase)

const numbers = { a: f.integer(), b: f.integer() }
const counted = model('library.Pair', { id: f.autoId({ primaryKey: true }), ...numbers })
const composite = model('library.Pair', { id: f.integer(), ...numbers }, { primaryKey: ['a', 'b'] })
const byCode = model('library.Pair', { a: f.integer({ primaryKey: true }), b: f.integer() })

test.each<[topic: string, before: ModelState, after: ModelState, columns: string, given: string[], next: string]>([
  [
    'test_add_auto_field_does_not_request_default: rows are numbered',
    byCode,
    counted,
    'a, b',
    ['7, 1', '9, 2'],
    'insert into library_pair (a, b) values (7, 1)',
  ],
  [
    'test_add_composite_pk',
    counted,
    composite,
    'id, a, b',
    ['1, 7, 1', '2, 9, 2'],
    'insert into library_pair (id, a, b) values (1, 7, 2)',
  ],
  [
    'test_remove_composite_pk',
    composite,
    counted,
    'id, a, b',
    ['1, 7, 1', '2, 9, 2'],
    'insert into library_pair (a, b) values (7, 1)',
  ],
])('MIG-20 %s', async (_, before, after, columns, given, next) => {
  const first = history(['0001_initial', [createModel('Pair', before.fields, before.options)]])
  await migrate(first)
  await run(`insert into library_pair (${columns}) values (${given.join('), (')})`)
  const [made] = await detect({ before: [before], after: [after] })
  const second = history(['0002_key', [...made!.operations], { dependencies: [['library', '0001_initial']] }])
  const seen = async () => (await rows(`select ${columns} from library_pair order by a`)).map((row) => row.join(', '))
  await migrate([...first, ...second])
  expect(await seen()).toEqual(given)
  await run(next)
  await run('delete from library_pair where b = 1 and a = 7 and id > 2 or a = 7 and b = 2')
  await migrate([...first, ...second], { app: 'library', name: '0001' })
  expect(await seen()).toEqual(given)
})
