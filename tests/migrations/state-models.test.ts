// MIG-21: states of models that are declared, and models of states that lead to one another. The topics are those of
// django/tests/migrations/test_state.py.
import { AbstractModel, char, check, foreignKey, index, integer, manyToMany, text, unique } from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { SWAPPABLE } from '../../src/db/internal.ts'
import { modelState, stateOfModels } from '../../src/db/migrations/from-models.ts'
import { addField, userModel } from '../../src/db/migrations/index.ts'
import { renderState } from '../../src/db/migrations/internal.ts'
import type { FieldState, ModelState, ProjectState } from '../../src/db/migrations/state.ts'
import { defineModel } from '../../src/db/models/model.ts'
import { ModelRegistry } from '../../src/db/models/registry.ts'
import { f, model, state } from './states.ts'

const cascade = { onDelete: 'cascade' } as const
const key = (to: `${string}.${string}`) => f.foreignKey(to, cascade)
const to = (label: string) => label as never // a label stands for a model that is no class here

describe('models of a state lead to those of the same state', () => {
  const between = (fields: Record<string, FieldState>) => model('app.Between', fields)
  const cases: [topic: string, models: ModelState[]][] = [
    ['test_unrelated', [model('app.A'), model('app.B')]],
    ['test_direct_fk', [model('app.A', { b: key('app.B') }), model('app.B')]],
    ['test_nested_fk', [model('app.A', { b: key('app.B') }), model('app.B', { c: key('app.C') }), model('app.C')]],
    ['test_two_sided', [model('app.A', { b: key('app.B') }), model('app.B', { a: key('app.A') })]],
    [
      'test_circle',
      [model('app.A', { b: key('app.B') }), model('app.B', { c: key('app.C') }), model('app.C', { a: key('app.A') })],
    ],
    ['test_direct_m2m', [model('app.A', { bs: f.manyToMany('app.B') }), model('app.B')]],
    ['test_direct_m2m_self', [model('app.A', { others: f.manyToMany('app.A') })]],
    [
      'test_intermediate_m2m',
      [
        model('app.A', { bs: f.manyToMany('app.B', { through: 'app.Between' }) }),
        model('app.B'),
        between({ a: key('app.A'), b: key('app.B') }),
      ],
    ],
    [
      'test_intermediate_m2m_self',
      [
        model('app.A', {
          others: f.manyToMany('app.A', { through: 'app.Between', throughFields: ['a', 'other'] }),
        }),
        between({ a: key('app.A'), other: key('app.A') }),
      ],
    ],
    [
      'test_intermediate_m2m_extern_fk',
      [
        model('app.A', { bs: f.manyToMany('app.B', { through: 'app.Between' }) }),
        model('app.B'),
        model('app.Z'),
        between({ a: key('app.A'), b: key('app.B'), z: key('app.Z') }),
      ],
    ],
    [
      'test_render_project_dependencies, test_render_unique_app_labels: of several apps, names alike',
      [model('app.A', { a: key('other.A') }), model('other.A', { b: key('third.B') }), model('third.B')],
    ],
    [
      'test_reference_mixed_case_app_label',
      [model('MiXed.A'), model('MiXed.B', { a: key('MiXed.A'), all: f.manyToMany('MiXed.A') })],
    ],
  ]

  /** Every relation as `app.B.a`, and that it leads to the model of this state. */
  function assertWhole(of: ProjectState): void {
    const models = renderState(of)
    for (const [label, each] of of.models) {
      const { meta } = models.get(label)
      const names = Object.entries(each.fields).flatMap(([name, field]) => (of.target(field) === null ? [] : [name]))
      for (const name of names) {
        const { relation } = meta.fields.get(name) ?? meta.relations.find((found) => found.name === name)!
        expect(relation!.target, `${label}.${name}`).toBe(models.get(of.target(each.fields[name]!)!))
      }
      const pointing = of.incoming(label).map(([holder]) => holder)
      const incoming = meta.incoming.map(({ model: holder }) => holder.meta.label)
      expect(incoming.filter((holder) => of.models.has(holder)).every((holder) => pointing.includes(holder))).toBe(true)
      expect([...new Set(pointing)].every((holder) => models.get(holder).meta.label === holder)).toBe(true)
    }
  }

  test.each(cases)('MIG-21 %s', (_, models) => {
    const before = state(...models)
    assertWhole(before)
    const app = models[0]!.app
    // Topics too: test_reload_related_model_on_non_relational_fields, test_reload_model_relationship_consistency.
    const after = addField(models[0]!.name, 'more', f.text({ null: true })).toState(before, app)
    assertWhole(after)
    assertWhole(before)
    for (const { app: name, name: own } of models) {
      const label = `${name}.${own}`
      expect(renderState(after).get(label)).not.toBe(renderState(before).get(label))
    }
  })
})

test.each([
  ['test_sanity_check_to', (wrong: never) => f.foreignKey(wrong, cascade)],
  ['test_sanity_check_through', (wrong: never) => f.manyToMany('app.A', { through: wrong })],
])('MIG-21 %s: a class where a label belongs is told so', (_, field) => {
  class Wrong {}
  const made = state(model('app.A'), model('app.B', { a: field(Wrong as never) })) // as a file in JavaScript may
  expect(() => made.relatedLabels(made.field('app.B', 'a'))).toThrow(
    expect.objectContaining({
      code: 'migrations.bad-relation',
      message: expect.stringContaining('names its model by a label'),
    }),
  )
})

describe('the state of models that are declared', () => {
  const registry = () => new ModelRegistry()

  test('MIG-21 test_abstract_model_children_inherit_indexes: each child has them, by names of its own', () => {
    const made = registry()
    class Named extends AbstractModel({ name: char({ maxLength: 50 }) }, { indexes: [index(['name'])] }) {}
    const child = (name: string) =>
      modelState(defineModel({ app: 'app', name, fields: {}, options: { extends: Named } as never, registry: made }))
    const names = ['Child1', 'Child2'].map((name) => child(name).options.indexes!.map((each) => each.name))
    expect(names.map((list) => list.length)).toEqual([1, 1])
    expect(names[0]).not.toEqual(names[1])
    expect(child('Child3').fields).toHaveProperty('name')
  })

  test('MIG-21 test_explicit_index_name, test_from_model_constraints: names that are given stay, in lists of their own', () => {
    const declared = defineModel({
      app: 'app',
      name: 'Book',
      fields: { title: text(), size: integer() },
      options: {
        indexes: [index(['title'], { name: 'foo_idx' })],
        constraints: [check({ size__gt: 1 }, { name: 'size_gt_1' }), unique(['title', 'size'], { name: 'one' })],
      } as never,
      registry: registry(),
    })
    const { options } = modelState(declared)
    expect(options.indexes!.map(({ name }) => name)).toEqual(['foo_idx'])
    expect(options.constraints!.map(({ name }) => name)).toEqual(['size_gt_1', 'one'])
    expect(options.constraints).not.toBe(declared.meta.constraints)
    expect(options.constraints![0]).not.toBe(declared.meta.constraints[0])
  })

  test('MIG-21 test_composite_pk_state: a key of several fields is an option, and they are fields', () => {
    const declared = defineModel({
      app: 'app',
      name: 'Pair',
      fields: { account: integer(), number: integer() },
      options: { primaryKey: ['account', 'number'] } as never,
      registry: registry(),
    })
    const { fields, options } = modelState(declared)
    expect(Object.keys(fields)).toEqual(['account', 'number'])
    expect(options.primaryKey).toEqual(['account', 'number'])
  })

  test('MIG-21 test_create_swappable, test_create_swappable_from_abstract: what leads to the user model has its marker', () => {
    const made = registry()
    class Person extends AbstractModel({ email: text() }) {}
    const User = defineModel({
      app: 'people',
      name: 'User',
      fields: {},
      options: { extends: Person } as never,
      registry: made,
    })
    Object.defineProperty(User, SWAPPABLE, { value: 'auth.User' })
    const fields = { by: () => foreignKey(to('people.User'), cascade), seen: () => manyToMany(to('people.User')) }
    const Post = defineModel({ app: 'blog', name: 'Post', fields, registry: made })
    const found = stateOfModels({
      apps: [
        { name: 'people', root: '', models: { User } },
        { name: 'blog', root: '', models: { Post } },
      ],
      user: 'people.User',
    })
    expect(Object.keys(found.get('people.User').fields)).toEqual(['id', 'email'])
    expect(found.field('blog.Post', 'by').args[0]).toBe(userModel)
    expect(found.field('blog.Post', 'seen').args[0]).toBe(userModel)
    expect(found.target(found.field('blog.Post', 'by'))).toBe('people.User')
  })
})
