// MIG-21: states and the models made of them. The topics are those of django/tests/migrations/test_state.py.
import { describe, expect, test } from 'vitest'
import {
  addField,
  alterField,
  createModel,
  deleteModel,
  moveModel,
  type Operation,
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

describe('who points at a model, after each operation', () => {
  const user = model('tests.User')
  const comment = model('tests.Comment', {
    user: f.foreignKey('tests.User', cascade),
    all: f.manyToMany('tests.Comment'),
  })
  const post = model('tests.Post', { text: f.text(), authors: f.manyToMany('tests.User') })
  const base = state(user, comment, post)
  const toUser = f.foreignKey('tests.User', cascade)
  const tag = createModel('Tag', { id: f.autoId() })
  const postTag = createModel('PostTag', {
    id: f.autoId(),
    post: f.foreignKey('tests.Post', cascade),
    tag: f.foreignKey('tests.Tag', cascade),
  })
  const there = ['tests.Comment.user', 'tests.Post.authors']

  test.each<[topic: string, operations: Operation[], label: string, expected: string[]]>([
    ['test_add_model', [], 'tests.User', there],
    ['test_add_model: at itself', [], 'tests.Comment', ['tests.Comment.all']],
    ['test_add_model: nobody', [], 'tests.Post', []],
    ['test_add_model_no_relations', [tag], 'tests.Tag', []],
    ['test_remove_model', [deleteModel('Comment')], 'tests.User', ['tests.Post.authors']],
    ['test_remove_model: the last', [deleteModel('Comment'), deleteModel('Post')], 'tests.User', []],
    [
      'state.test_rename_model: that of who points',
      [renameModel('Comment', 'Opinion')],
      'tests.User',
      ['tests.Opinion.user', 'tests.Post.authors'],
    ],
    ['state.test_rename_model: at itself', [renameModel('Comment', 'Opinion')], 'tests.Opinion', ['tests.Opinion.all']],
    ['state.test_rename_model: what it points at', [renameModel('User', 'Author')], 'tests.Author', there],
    [
      'test_rename_model_no_relations: to which nobody points',
      [renameModel('Post', 'Blog')],
      'tests.User',
      ['tests.Comment.user', 'tests.Blog.authors'],
    ],
    [
      'state.test_add_field',
      [
        addField('Post', 'next', f.foreignKey('tests.Post', cascade)),
        addField('Comment', 'post', f.foreignKey('tests.Post', cascade)),
      ],
      'tests.Post',
      ['tests.Comment.post', 'tests.Post.next'],
    ],
    [
      'test_add_field_m2m_with_through',
      [tag, postTag, addField('Post', 'tags', f.manyToMany('tests.Tag', { through: 'tests.PostTag' }))],
      'tests.Tag',
      ['tests.Post.tags', 'tests.PostTag.tag'],
    ],
    [
      'state.test_remove_field: a table between',
      [removeField('Post', 'authors')],
      'tests.User',
      ['tests.Comment.user'],
    ],
    ['state.test_remove_field: a key', [removeField('Comment', 'user')], 'tests.User', ['tests.Post.authors']],
    ['test_remove_field_no_relations', [removeField('Post', 'text')], 'tests.User', there],
    [
      'state.test_rename_field',
      [renameField('Comment', 'user', 'author')],
      'tests.User',
      ['tests.Comment.author', 'tests.Post.authors'],
    ],
    ['test_rename_field_no_relations', [renameField('Post', 'text', 'description')], 'tests.User', there],
    [
      'state.test_alter_field: no relation any more',
      [alterField('Comment', 'user', f.integer())],
      'tests.User',
      ['tests.Post.authors'],
    ],
    [
      'state.test_alter_field: one again',
      [alterField('Comment', 'user', f.integer()), alterField('Comment', 'user', f.manyToMany('tests.User'))],
      'tests.User',
      there,
    ],
    [
      'test_many_relations_to_same_model',
      [
        addField('Comment', 'reviewer', toUser),
        renameField('Comment', 'reviewer', 'supervisor'),
        removeField('Comment', 'user'),
      ],
      'tests.User',
      ['tests.Comment.supervisor', 'tests.Post.authors'],
    ],
    [
      'test_many_relations_to_same_model: both',
      [addField('Comment', 'reviewer', toUser)],
      'tests.User',
      ['tests.Comment.reviewer', 'tests.Comment.user', 'tests.Post.authors'],
    ],
  ])('MIG-21 %s', (_, operations, label, expected) => {
    const now = operations.reduce((of, each) => each.toState(of, 'tests'), base)
    expect(pointing(now, label)).toEqual([...expected].sort())
  })

  test('MIG-21 test_add_model_other_app, test_alter_field_m2m_to_fk: from and to other apps', () => {
    const other = createModel('Comment', { id: f.autoId(), user: toUser }).toState(base, 'other')
    expect(pointing(other, 'tests.User')).toEqual(['other.Comment.user', ...there])
    const person = createModel('Person', { id: f.autoId() }).toState(base, 'other')
    const moved = alterField('Post', 'authors', f.foreignKey('other.Person', cascade)).toState(person, 'tests')
    expect(pointing(moved, 'tests.User')).toEqual(['tests.Comment.user'])
    expect(pointing(moved, 'other.Person')).toEqual(['tests.Post.authors'])
  })
})

const pointing = (of: ProjectState, label: string): string[] =>
  of
    .incoming(label)
    .map((each) => each.join('.'))
    .sort()

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
