/** MIG-04, MIG-09, MIG-20: names as long as a database lets them be, and longer, from models through files to tables and back. */
import { char, foreignKey, integer, manyToMany } from 'nuages/db'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rows, run, schema } from './history.ts'
import { closeProject, files, make, migrate, openProject, project } from './project.ts'

beforeEach(openProject)
afterEach(closeProject)

/** PostgreSQL cuts what is longer without a word, and MariaDB refuses it. */
const LIMIT = 63
const words = 'OfManyWords'.repeat(5)
const model = `Book${words}` // 59 letters: with its app's name before it, more than the limit
const title = `title${words}` // 60 letters: in snake case 65 and more
const to = (label: string) => label as never // a label stands for a model that is no class here

const models = (more: object = {}) => ({
  library: {
    [model]: {
      fields: {
        [title]: char({ maxLength: 50, unique: true }),
        [`${title}Two`]: integer({ index: true }),
        parent: () => foreignKey(to(`library.${model}`), { onDelete: 'cascade', null: true }),
        [`parent${words}`]: () => foreignKey(to(`library.${model}`), { onDelete: 'cascade', null: true }),
        [`friends${words}`]: () => manyToMany(to(`library.${model}`)),
        [`rivals${words}`]: () => manyToMany(to(`library.${model}`)),
        ...more,
      },
    },
  },
})

/** Every name in the database, each there once among those it must differ from. */
async function names() {
  const tables = await schema()
  const lists = [
    tables.map(({ name }) => name),
    tables.flatMap(({ indexes, uniques, checks }) => [...indexes, ...uniques, ...checks].map(({ name }) => name)),
    ...tables.map(({ columns }) => columns.map(({ name }) => name)),
  ]
  for (const list of lists) expect(new Set(list).size).toBe(list.length)
  return lists.flat()
}

/** What the tables of the model and of its friends hold, by their column after `id`. */
async function content() {
  const found = await Promise.all(
    (await schema()).map(async ({ name, columns }) => [columns[1]!.name, await rows(`select * from ${name}`)] as const),
  )
  return new Map(found)
}

async function undrifted(given: Parameters<typeof migrate>[0]) {
  expect((await make(given, { check: true })).text).toContain('No changes')
  expect((await migrate(given, { checkDrift: true })).text).toMatch(/tables are as the migrations make them/)
}

test('names longer than a database takes are cut, each to one of its own, the same each time', async () => {
  const first = project(models())
  expect((await make(first)).code).toBe(0)
  expect((await migrate(first)).code).toBe(0)
  await undrifted(first)
  const made = await names()
  expect(made.filter((name) => name.length === LIMIT).length).toBeGreaterThan(5)
  expect(made.filter((name) => name.length > LIMIT)).toEqual([])

  const second = project(models({ [`${title}Three`]: integer({ null: true, index: true }) }))
  expect((await make(second)).code).toBe(0)
  expect((await migrate(second)).code).toBe(0)
  await undrifted(second)
  // What was there keeps its name when more of the same beginning comes.
  expect(await names()).toEqual(expect.arrayContaining(made))
  expect(files().filter((name) => name.length > 80)).toEqual([])

  await migrate(second, {}, { app: 'library', migration: '0001' })
  expect((await names()).sort()).toEqual(made.sort())
  await migrate(second, {}, { app: 'library', migration: 'zero' })
  expect(await names()).toEqual([])
})

test('a long name becomes another one with the same beginning, and rows stay', async () => {
  const fields = (name: string, label: string) => ({
    [name]: char({ maxLength: 50, unique: true }),
    parent: () => foreignKey(to(`library.${label}`), { onDelete: 'cascade', null: true }),
    [`friends${words}`]: () => manyToMany(to(`library.${label}`)),
  })
  const first = project({ library: { [model]: { fields: fields(title, model) } } })
  await make(first)
  await migrate(first)
  const before = (await names()).sort()
  const tables = await schema()
  for (const isBetween of [false, true]) {
    const { name, columns } = tables.find((table) => table.columns[1]!.name.startsWith('from_') === isBetween)!
    const set = isBetween ? [columns[1]!.name, columns[2]!.name] : [columns[1]!.name]
    await run(`insert into ${name} (${set}) values (${isBetween ? '1, 1' : "'kept'"})`)
  }
  const held = await content()
  expect([...held.values()]).toEqual(expect.arrayContaining([[[1, 'kept', null]], [[1, 1, 1]]]))

  const other = `${model}Two`
  const second = project({ library: { [other]: { fields: fields(`${title}Two`, other) } } })
  const renamed = [`library.${model}:${other}`, `library.${other}.${title}:${title}Two`]
  expect(await make(second, { rename: renamed })).toMatchObject({ code: 0, errors: '' })
  expect(await migrate(second)).toMatchObject({ code: 0, errors: '' })
  await undrifted(second)
  const after = await content()
  expect([...after.values()].sort()).toEqual([...held.values()].sort())
  expect([...after.keys()].filter((column) => held.has(column))).toEqual([])

  expect(await migrate(second, {}, { app: 'library', migration: '0001' })).toMatchObject({ code: 0, errors: '' })
  expect((await names()).sort()).toEqual(before)
  expect(await content()).toEqual(held)
})
