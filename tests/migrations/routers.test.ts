/** MDB-02: what `allowMigrate` of routers keeps out of a database. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Router } from 'nuages/db'
import { addField, createModel, deleteModel, fields, renameModel, runCode, runSql } from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { closeDatabases, configureDatabases, configureRouters, database } from '../../src/db/internal.ts'
import { MigrationExecutor, MigrationLoader, migrationDatabase } from '../../src/db/migrations/internal.ts'
import { history } from './history.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nuages-routers-'))
  const file = (name: string) => ({ engine: 'sqlite', url: `sqlite:${join(folder, name)}` })
  configureDatabases({ default: { ...file('one'), replicas: ['copy'] }, archive: file('two'), copy: file('three') })
})
afterEach(async () => {
  configureRouters([])
  await closeDatabases()
  rmSync(folder, { recursive: true, force: true })
})

const apps = ['library', 'archive'].map((name) => ({ name, root: '/none', models: {} }))
const id = fields.autoId()

async function migrate(alias: string, steps: ReturnType<typeof history>, back = false): Promise<string[]> {
  const executor = new MigrationExecutor(new MigrationLoader({ apps, user: null }, steps), migrationDatabase(alias))
  await executor.migrate(await executor.plan(back ? { app: 'library', name: 'zero' } : {}))
  const tables = await migrationDatabase(alias).tables()
  return tables.filter((table) => !table.startsWith('nuages_')).sort()
}

const byApp: Router = { allowMigrate: (alias, app) => (app === 'archive') === (alias === 'archive') }

describe('allowMigrate', () => {
  test('tables are made where the router says, in steps and back; migrations are recorded everywhere', async () => {
    configureRouters([{}, byApp])
    const steps = history(
      ['0001_initial', [createModel('Book', { id, title: fields.char({ maxLength: 20 }) })]],
      ['archive.0001_initial', [createModel('Entry', { id })]],
      ['archive.0002_more', [addField('Entry', 'text', fields.char({ maxLength: 20, default: '' }))]],
      ['archive.0003_named', [renameModel('Entry', 'Record')]],
    )
    expect(await migrate('default', steps)).toEqual(['library_book'])
    expect(await migrate('archive', steps)).toEqual(['archive_record'])
    expect(await migrate('default', steps)).toEqual(['library_book'])
    expect(await migrate('default', steps, true)).toEqual([])
  })

  test('it is asked with the label of the model', async () => {
    const seen: string[] = []
    configureRouters([
      {
        allowMigrate(alias, app, { model }) {
          seen.push(`${alias} ${app} ${model}`)
          return model !== 'library.Secret'
        },
      },
    ])
    const steps = history(
      ['0001_initial', [createModel('Book', { id }), createModel('Secret', { id })]],
      ['0002_gone', [deleteModel('Secret')]],
    )
    expect(await migrate('default', steps)).toEqual(['library_book'])
    expect([...new Set(seen)].sort()).toEqual(['default library library.Book', 'default library library.Secret'])
  })

  test('SQL and code ask too, with the hints of the operation', async () => {
    configureRouters([{ allowMigrate: (alias, _app, { target }) => (target === undefined ? null : target === alias) }])
    const ran: string[] = []
    const steps = history([
      '0001_initial',
      [
        createModel('Book', { id }),
        runSql('CREATE TABLE only_archive (id integer)', { hints: { target: 'archive' } }),
        runCode(({ alias }) => void ran.push(alias), { hints: { target: 'default' } }),
      ],
    ])
    expect(await migrate('default', steps)).toEqual(['library_book'])
    expect(await migrate('archive', steps)).toEqual(['library_book', 'only_archive'])
    expect(ran).toEqual(['default'])
  })

  const pony = createModel('Pony', { id })
  test.each<[topic: string, routers: Router[], made: boolean]>([
    ['multidb.test_create_model: no opinion', [{}], true],
    ['test_create_model2: no', [{ allowMigrate: () => false }], false],
    ['test_create_model3: yes', [{ allowMigrate: () => true }], true],
    [
      'test_create_model4: the first that has an opinion',
      [{ allowMigrate: () => false }, { allowMigrate: () => true }],
      false,
    ],
    ['test_create_model4: after one that has none', [{ allowMigrate: () => null }, { allowMigrate: () => true }], true],
  ])('MDB-02 %s', async (_, routers, made) => {
    configureRouters(routers)
    const steps = history(['0001_initial', [pony]])
    expect(await migrate('default', steps)).toEqual(made ? ['library_pony'] : [])
    expect(await migrate('default', steps, true)).toEqual([])
  })

  const named: Router = { allowMigrate: (_alias, _app, { foo }) => foo === true }
  const never: Router = { allowMigrate: () => false }
  test.each<[topic: string, router: Router, hints: Record<string, unknown> | undefined, runs: boolean]>([
    ['test_run_sql_migrate_nothing_router, test_run_python_migrate_nothing_router', never, { foo: true }, false],
    [
      'test_run_sql_migrate_foo_router_without_hints, test_run_python_migrate_foo_router_without_hints',
      named,
      undefined,
      false,
    ],
    [
      'test_run_sql_migrate_foo_router_with_hints, test_run_python_migrate_foo_router_with_hints',
      named,
      { foo: true },
      true,
    ],
  ])('MDB-02 %s', async (_, router, hints, runs) => {
    const ran: string[] = []
    const given = hints === undefined ? {} : { hints }
    const code = (word: string) => () => void ran.push(word)
    const sql = runSql('CREATE TABLE by_sql (id integer)', { reverse: 'DROP TABLE by_sql', ...given })
    const steps = history(['0001_initial', [sql, runCode(code('forwards'), { reverse: code('back'), ...given })]])
    configureRouters([router])
    expect(await migrate('default', steps)).toEqual(runs ? ['by_sql'] : [])
    expect(await migrate('default', steps, true)).toEqual([])
    expect(ran).toEqual(runs ? ['forwards', 'back'] : [])
  })

  test('a replica is not migrated: its tables follow', () => {
    expect(() => migrationDatabase('copy')).toThrow('"copy" is a replica of "default"')
    expect(database('copy').alias).toBe('copy')
  })
})
