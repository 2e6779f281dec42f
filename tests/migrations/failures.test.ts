/** MIG-14: what a migration that fails says, and what it must not do instead of failing. */
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { engine } from '../db/backends/fresh.ts'
import { closeDatabase, history, isSqlite, migrate, openDatabase, rows, run } from './history.ts'

const { addConstraint, addField, addIndex, alterField, createModel, fields: f, fn, index, runSql, unique } = door

beforeEach(async () => {
  openDatabase()
  await migrate(history(first))
  await run("insert into library_book (title, code) values ('Nuages', 'a1'), ('Swing', 'a1')")
})
afterEach(closeDatabase)

const first: Parameters<typeof history>[0] = [
  '0001_initial',
  [
    createModel('Book', {
      id: f.autoId(),
      title: f.char({ maxLength: 200 }),
      code: f.char({ maxLength: 20, null: true }),
    }),
  ],
]
const failure = async (operation: door.Operation) => {
  const done = migrate(history(first, ['0002_here', [operation]]))
  return done.then(
    () => null,
    (error: door.MigrationError) => error,
  )
}

describe('MIG-14 rows that a shorter column cannot hold', () => {
  test.each([
    ['text', f.char({ maxLength: 3 })],
    ['text that may be null', f.char({ maxLength: 3, null: true })],
  ])('are never cut: %s', async (_, shorter) => {
    const error = await failure(alterField('Book', 'title', shorter))
    expect(await rows('select title from library_book order by id')).toEqual([['Nuages'], ['Swing']])
    if (isSqlite) return expect(error).toBeNull() // its columns have no length
    expect(error).toMatchObject({ code: 'migrations.failed', hint: expect.stringContaining('mend them first') })
    expect(error!.hint).not.toContain('fullClean')
  })

  test('a number becomes text where it fits, and is refused where it does not', async () => {
    await run('alter table library_book add column pages integer null')
    await run('update library_book set pages = 1234')
    const before: Parameters<typeof history>[0] = ['0002_pages', [addField('Book', 'pages', f.integer({ null: true }))]]
    const to = (maxLength: number) =>
      history(first, before, ['0003_text', [alterField('Book', 'pages', f.char({ maxLength, null: true }))]])
    await migrate(history(first, before), {}, { fake: true })
    if (!isSqlite) await expect(migrate(to(3))).rejects.toMatchObject({ code: 'migrations.failed' })
    await migrate(to(4))
    expect((await rows('select pages from library_book')).map(([pages]) => String(pages))).toEqual(['1234', '1234'])
  })
})

describe('MIG-14 the hint of a failure is about migrations', () => {
  test('a table or column that is not there: of the SQL of a migration, its dependencies; and the statement', async () => {
    for (const sql of ['update gone set a = 1', 'update library_book set gone = 1']) {
      const { hint } = (await failure(runSql(sql, { reverse: '' })))!
      expect(hint).toContain('`dependencies`')
      expect(hint).toContain(`Statement: ${sql}`)
      expect(hint).not.toContain('npx nuages migrate')
    }
  })

  test('of a table that is not as migrations made it: --check-drift', async () => {
    await run('drop table library_book')
    const { hint } = (await failure(addIndex('Book', index(['title'], { name: 'by_title' }))))!
    expect(hint).toContain('migrate --check-drift')
    expect(hint).not.toContain('Is a migration missing')
  })

  test('words that are no SQL: the statement, not where a program finds it', async () => {
    const { hint } = (await failure(runSql('selec 1', { reverse: '' })))!
    expect(hint).toMatch(/Statement: selec 1$/)
    expect(hint).not.toContain('`sql`')
  })

  test('rows that break a constraint are those of the table, not of its copy', async () => {
    const { message, hint } = (await failure(addConstraint('Book', unique(['code'], { name: 'one_code' }))))!
    expect(message).toContain('already exists')
    expect(message).not.toContain('new__')
    expect(hint).toContain('mend them first')
  })

  test('a computed column that would not stay the same says what it may be computed from', async () => {
    const generated = f.generated(fn('random'), { output: f.float() })
    const error = await failure(addField('Book', 'luck', generated))
    expect(error!.hint).toContain('are computed from columns of their own row')
    if (engine.name === 'MariaDB') expect(error!.message).toContain('"luck" cannot be computed from rand().')
  })
})
