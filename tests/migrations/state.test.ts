// MIG-21: states and the models made of them. The topics are those of django/tests/migrations/test_state.py.
import { describe, expect, test } from 'vitest'
import {
  addField,
  createModel,
  deleteModel,
  moveModel,
  removeField,
  renameField,
  renameModel,
  userModel,
} from '../../src/db/migrations/index.ts'
import { renderState } from '../../src/db/migrations/internal.ts'
import { differingModel, ProjectState } from '../../src/db/migrations/state.ts'
import { f, model, state } from './states.ts'

const cascade = { onDelete: 'cascade' } as const
const author = model('app.Author', { name: f.text() })
const book = model('app.Book', { by: f.foreignKey('app.Author', cascade) })
const both = state(author, book)

describe('a state', () => {
  test('MIG-21 test_create, test_fields_immutability: an operation gives a new one and leaves the old', () => {
    const next = addField('Author', 'age', f.integer({ null: true })).toState(both, 'app')
    expect(Object.keys(next.get('app.Author').fields)).toEqual(['id', 'name', 'age'])
    expect(Object.keys(both.get('app.Author').fields)).toEqual(['id', 'name'])
    expect(next.get('app.Book')).toBe(both.get('app.Book'))
  })

  test('MIG-21 test_equality, test_fields_ordering_equality: alike whatever the order in which things came', () => {
    const left = model('app.A', { x: f.integer(), y: f.text() })
    const right = model('app.A', { y: f.text(), x: f.integer() })
    expect(differingModel(state(left), state(right))).toBe(null)
    expect(differingModel(state(left), state(model('app.A', { x: f.text(), y: f.text() })))).toBe('app.A')
    expect(differingModel(state(left), state())).toBe('app.A')
  })

  test('MIG-21 test_relations_population, test_add_relations, test_remove_relations: who points where is known at each moment', () => {
    expect(both.incoming('app.Author')).toEqual([['app.Book', 'by']])
    expect(removeField('Book', 'by').toState(both, 'app').incoming('app.Author')).toEqual([])
    const more = createModel('Prize', { id: f.autoId(), to: f.manyToMany('app.Author', { through: 'app.Book' }) })
    expect(more.toState(both, 'app').incoming('app.Author')).toContainEqual(['app.Prize', 'to'])
    expect(more.toState(both, 'app').incoming('app.Book')).toEqual([['app.Prize', 'to']])
  })

  test('MIG-21 test_self_relation: a model that points at itself is renamed with itself', () => {
    const node = state(model('app.Node', { up: f.foreignKey('app.Node', cascade) }))
    const renamed = renameModel('Node', 'Leaf').toState(node, 'app')
    expect(renamed.get('app.Leaf').fields.up!.args[0]).toBe('app.Leaf')
    expect(renamed.find('app.Node')).toBe(null)
  })

  test('MIG-21 a renamed field is renamed wherever another model names it', () => {
    const from = state(
      model('app.Author', { code: f.char({ unique: true }) }),
      model('app.Book', { by: f.foreignKey('app.Author', { ...cascade, toField: 'code' }) }),
      model('app.Pair', { left: f.foreignKey('app.Author', cascade), right: f.foreignKey('app.Book', cascade) }),
      model('app.Shelf', {
        all: f.manyToMany('app.Book', { through: 'app.Pair', throughFields: ['left', 'right'] }),
      }),
    )
    const renamed = renameField('Author', 'code', 'sign').toState(from, 'app')
    expect(renamed.get('app.Book').fields.by!.args[1]).toEqual({ ...cascade, toField: 'sign' })
    const through = renameField('Pair', 'right', 'book').toState(from, 'app')
    expect(through.get('app.Shelf').fields.all!.args[1]).toMatchObject({ throughFields: ['left', 'book'] })
  })

  test('MIG-21 the user model is whichever it was at that point', () => {
    const start = new ProjectState(
      [model('a.User'), model('b.Post', { by: f.foreignKey(userModel, cascade) })],
      'a.User',
    )
    const moved = moveModel('a.User', 'Person').toState(start, 'c')
    expect(start.target(start.field('b.Post', 'by'))).toBe('a.User')
    expect(moved.target(moved.field('b.Post', 'by'))).toBe('c.Person')
    expect(moved.get('c.Person').app).toBe('c')
    expect(() => new ProjectState().resolve(userModel)).toThrow(
      expect.objectContaining({ code: 'migrations.no-user-model' }),
    )
  })

  test.each([
    ['a model twice', () => createModel('Author', {}).toState(both, 'app'), 'migrations.model-exists'],
    ['a model that is not there', () => deleteModel('Autor').toState(both, 'app'), 'migrations.unknown-model'],
    ['a field twice', () => addField('Author', 'name', f.text()).toState(both, 'app'), 'migrations.field-exists'],
    ['a field that is not there', () => removeField('Author', 'nam').toState(both, 'app'), 'migrations.unknown-field'],
    ['a name that is taken', () => renameField('Author', 'id', 'name').toState(both, 'app'), 'migrations.field-exists'],
    ['a move from nowhere', () => moveModel('x.Y', 'Z').toState(both, 'app'), 'migrations.unknown-model'],
  ])('MIG-21 is told of %s', (_, apply, code) => {
    expect(apply).toThrow(expect.objectContaining({ code }))
  })
})

describe('models of a state', () => {
  test('MIG-21 test_render: have the fields of that point, in a registry of their own', () => {
    const models = renderState(both)
    expect([...models.get('app.Book').meta.fields.keys()]).toEqual(['id', 'by'])
    expect(models.get('app.Book').meta.fields.get('by')!.relation!.target).toBe(models.get('app.Author'))
    expect(renderState(both)).toBe(models)
    const later = renderState(addField('Author', 'age', f.integer()).toState(both, 'app'))
    expect(later.get('app.Author').meta.fields.has('age')).toBe(true)
    expect(models.get('app.Author').meta.fields.has('age')).toBe(false)
  })

  test('MIG-21 test_dangling_references_throw_error: a relation to a model that is not there names what there is', () => {
    const dangling = renderState(state(book))
    expect(() => dangling.get('app.Book').meta.fields.get('by')!.relation!.target).toThrow(/app\.Author/)
    expect(() => dangling.get('app.Nothing')).toThrow(expect.objectContaining({ code: 'migrations.unknown-model' }))
  })
})
