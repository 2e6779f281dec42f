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

  test('a replica is not migrated: its tables follow', () => {
    expect(() => migrationDatabase('copy')).toThrow('"copy" is a replica of "default"')
    expect(database('copy').alias).toBe('copy')
  })
})
