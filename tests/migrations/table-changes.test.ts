/** MIG-14 MIG-15: which tables a change looks at: a hundred tables that lead to one another are not compared for one column. */
import { expect, test } from 'vitest'
import { sqliteBackend } from '../../src/db/backends/sqlite/index.ts'
import { fields as f } from '../../src/db/migrations/index.ts'
import { renderState } from '../../src/db/migrations/render.ts'
import { type FieldStates, type ModelStateOptions, ProjectState } from '../../src/db/migrations/state.ts'
import { compareTables } from '../../src/db/migrations/table-changes.ts'

const cascade = { onDelete: 'cascade' } as const
const model = (name: string, fields: FieldStates, options: ModelStateOptions = {}) => ({
  app: 'library',
  name,
  fields: { id: f.autoId(), ...fields },
  options,
})
const author = model('Author', { slug: f.char({ maxLength: 40, unique: true }), name: f.char({ maxLength: 100 }) })
const state = new ProjectState([
  author,
  model('Book', { author: f.foreignKey('library.Author', cascade) }),
  model('Loan', { book: f.foreignKey('library.Book', cascade) }),
  model('Note', { about: f.foreignKey('library.Author', { ...cascade, toField: 'slug' }) }),
  model('Shelf', { label: f.char({ maxLength: 10 }) }),
])
const compared = (to: ProjectState, from = state) =>
  compareTables(sqliteBackend, from, to, {}).pairs.map(({ is }) => is.identity.split('.')[1])
const withAuthor = (fields: FieldStates, options = {}) =>
  state.with({ ...author, fields: { ...author.fields, ...fields }, options })

test('MIG-15 a column that nobody points at is a matter of its own table', () => {
  expect(compared(withAuthor({ born: f.integer({ null: true }) }))).toEqual(['Author'])
  expect(compared(withAuthor({ name: f.char({ maxLength: 200 }) }))).toEqual(['Author'])
})

test('MIG-15 a key, what toField names and a table’s name are a matter of all that lead to it', () => {
  const all = ['Author', 'Book', 'Loan', 'Note']
  expect(compared(withAuthor({ id: f.uuid({ primaryKey: true }) }))).toEqual(all)
  expect(compared(withAuthor({ slug: f.char({ maxLength: 50, unique: true }) }))).toEqual(all)
  expect(compared(withAuthor({}, { dbTable: 'people' }))).toEqual(all)
  expect(compared(withAuthor({}, { managed: false }))).not.toContain('Author')
})

test('MIG-14 triggers may name columns of what their model leads to', () => {
  const does = { t: 'copy', target: 'library.Author', fields: { id: 'name' } } as const
  const triggers = [{ name: 'seen', when: 'after', on: ['insert'], do: does }] as const
  const from = state.update('library.Loan', (loan) => ({ options: { ...loan.options, triggers } }))
  const to = from.update('library.Author', (each) => ({ fields: { ...each.fields, born: f.integer({ null: true }) } }))
  expect(compared(to, from)).toEqual(['Author', 'Loan'])
})

test('MIG-18 historical models are made when asked for, and listed in the order of the history', () => {
  const models = renderState(state)
  const first = models.get('library.Note').meta
  expect(first.relations[0]!.relation!.target).toBe(models.get('library.Author'))
  expect(models.get('library.Author').meta.incoming.map(({ model: holder }) => holder.meta.name)).toEqual([
    'Book',
    'Note',
  ])
  expect(() => models.get('library.Gone')).toThrow('There is no model library.Gone at this point of the history.')
})
