/** MIG-03, MIG-09, MIG-16: names and comments with quotes, percent signs, places of params, words of SQL, another alphabet. */
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findDrift } from '../../src/db/migrations/internal.ts'
import { closeDatabase, executor, history, migrate, openDatabase, run, schema } from './history.ts'

const {
  addField,
  addIndex,
  addTrigger,
  alterField,
  alterModelTable,
  check,
  createModel,
  fields: f,
  index,
  trigger,
  unique,
} = door

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

test.each(['select', 'it"s', "it's", 'back`tick', '50% $1 %s ? :a', 'two words; -- drop', 'a\\b', 'ключ_書', '(a)'])(
  'a table, columns, an index, constraints and comments called %s: there, compared, and back',
  async (odd) => {
    const cascade = { onDelete: 'cascade' } as const
    const steps = history(
      [
        '0001_initial',
        [
          createModel(
            'Author',
            { id: f.autoId(), name: f.char({ maxLength: 20, dbColumn: odd, unique: true }) },
            { dbTable: `${odd}1` },
          ),
          createModel(
            'Book',
            {
              id: f.autoId(),
              title: f.char({ maxLength: 20, dbColumn: odd, comment: odd, dbDefault: odd }),
              author: f.foreignKey('library.Author', { ...cascade, dbColumn: `${odd}_id`, null: true }),
              readers: f.manyToMany('library.Author'),
            },
            {
              dbTable: odd,
              comment: odd,
              indexes: [index(['title', 'id'], { name: `${odd}i` })],
              constraints: [
                unique(['title', 'author'], { name: `${odd}u` }),
                check({ title__gte: ' ' }, { name: `${odd}c` }),
              ],
            },
          ),
        ],
      ],
      [
        '0002_more',
        [
          addField('Book', 'pages', f.integer({ dbColumn: `${odd} p` }), { fill: 3 }),
          alterField('Book', 'title', f.char({ maxLength: 30, dbColumn: odd, comment: `${odd}!` })),
          addIndex('Book', index(['pages'], { name: `${odd}j` })),
          addTrigger(
            'Book',
            trigger({ name: `${odd}t`, when: 'before', on: ['update of title'], do: { t: 'refuse', message: odd } }),
          ),
          alterModelTable('Author', `${odd}2`),
        ],
      ],
    )
    const [first] = steps
    await migrate([first!])
    const before = await schema()
    await migrate(steps)
    const { loader, database } = executor(steps)
    const { differences, others } = await findDrift(loader, database)
    expect({ differences, others }).toEqual({ differences: [], others: [] })
    const quote = (name: string) => database.backend.compiler.quote(name)
    await run(`insert into ${quote(odd)} (${quote(odd)}, ${quote(`${odd} p`)}) values ('a', 1)`)
    await expect(run(`update ${quote(odd)} set ${quote(odd)} = 'b'`)).rejects.toThrow(odd)
    await migrate(steps, { app: 'library', name: '0001' })
    expect(await schema()).toEqual(before)
    await migrate(steps, { app: 'library', name: 'zero' })
    expect(await schema()).toEqual([])
  },
)
