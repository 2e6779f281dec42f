// Tables that another program made may have smaller keys than ours, as Django's users have: what refers to one has its
// type, without which MariaDB refuses the reference.
import { autoId, foreignKey, manyToMany, text } from 'nuages/db'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { engine } from '../db/backends/fresh.ts'
import { rows, run } from './history.ts'
import { closeProject, make, migrate, openProject, project } from './project.ts'

beforeEach(openProject)
afterEach(closeProject)

const to = (label: string) => label as never
const key = engine.name === 'MariaDB' ? 'int(11) not null auto_increment primary key' : 'integer primary key'

test('a new table refers to a table whose keys are integers', async () => {
  await run(`create table library_reader (id ${key}, name ${engine.name === 'MariaDB' ? 'longtext' : 'text'} not null)`)
  await run("insert into library_reader (id, name) values (1, 'Ada')")
  const id = autoId({ dbType: { mysql: 'int(11)', postgres: 'integer' } })
  const reader = { Reader: { fields: { id, name: text() } } }
  await make(project({ library: reader }))
  await migrate(project({ library: reader }), { fakeInitial: true })
  const cascade = { onDelete: 'cascade' } as const
  const loans = {
    ...reader,
    Loan: {
      fields: {
        reader: () => foreignKey(to('library.Reader'), cascade),
        others: () => manyToMany(to('library.Reader')),
      },
    },
  }
  await make(project({ library: loans }))
  await migrate(project({ library: loans }))
  await run('insert into library_loan (reader_id) values (1)')
  await run('insert into library_loan_others (loan_id, reader_id) values (1, 1)')
  expect(await rows('select r.name from library_loan l join library_reader r on r.id = l.reader_id')).toEqual([['Ada']])
  await migrate(project({ library: loans }), {}, { app: 'library', migration: '0001' })
  expect(await rows('select name from library_reader')).toEqual([['Ada']])
})
