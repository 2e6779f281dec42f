/** What models take from abstract bases (MOD-23). */
import { defineApp } from 'nuages'
import {
  AbstractModel,
  char,
  check,
  foreignKey,
  getOrder,
  index,
  integer,
  Model,
  oneToOne,
  readOnly,
  reverse,
  reverseOne,
  unique,
  uuid,
} from 'nuages/db'
import { expect, test } from 'vitest'
import { checkModel, systemChecks } from '../../../src/db/checks.ts'
import { modelState } from '../../../src/db/migrations/from-models.ts'
import { freshTablesOf } from '../schema/tables.ts'

abstract class Keyed extends AbstractModel({ code: uuid({ primaryKey: true, auto: true }) }) {
  short() {
    return this.code.slice(0, 8)
  }
}
/** Independent fields that several bases and models have: a plain object. */
const ranked = { rank: integer({ default: 0 }), note: char({ maxLength: 20, blank: true }) }
abstract class Owned extends AbstractModel(
  {
    ...ranked,
    owner: () => foreignKey(Owner, { onDelete: 'cascade' }),
    badge: () => oneToOne(Owner, { onDelete: 'setNull', null: true }),
  },
  {
    extends: Keyed,
    ordering: ['-rank'],
    indexes: [index(['rank'], { name: '{app}_{model}_rank' }), index(['owner', 'rank'])],
    constraints: [
      check({ rank__gte: 0 }, { name: '{model}_rank_positive' }),
      unique(['owner', 'rank'], { name: '{app}_{model}_place' }),
      unique(['owner', 'note']),
    ],
    triggers: [readOnly(['note'], { name: '{model}_note' })],
    getLatestBy: ['rank'],
  },
) {}
class Owner extends Model<Owner>()({
  name: char({ maxLength: 20 }),
  cats: () => reverse(Cat, 'owner'),
  dogs: () => reverse(Dog, 'owner'),
  catBadge: () => reverseOne(Cat, 'badge'),
}) {}
class Cat extends Model<Cat>()({ lives: integer({ default: 9 }) }, { extends: Owned }) {}
class Dog extends Model<Dog>()(
  { ...ranked, rank: char({ maxLength: 9, default: 'x' }) as never },
  { extends: Owned, ordering: ['note'], constraints: [check({ note__gte: '' }, { name: 'dog_note' })] },
) {}
abstract class Listed extends AbstractModel({ list: char({ maxLength: 9 }) }, { orderWithRespectTo: 'list' }) {}
class Task extends Model<Task>()({ title: char({ maxLength: 9 }) }, { extends: Listed }) {}
class Fixed extends AbstractModel({ a: integer() }, { indexes: [index(['a'], { name: 'one_name' })] }) {}
class First extends Model<First>()({}, { extends: Fixed }) {}
class Second extends Model<Second>()({}, { extends: Fixed }) {}
defineApp({ name: 'pets', root: import.meta.url, models: { Owner, Cat, Task } })
defineApp({ name: 'clash', root: import.meta.url, models: { First, Second } })
;(Dog as unknown as Record<symbol, (app: string, name: string) => void>)[Symbol.for('nuages.bind')]!('pets', 'Dog')
freshTablesOf(Owner, Cat, Task)

test('MOD-23 a primary key of an abstract base is the key: typed, in the table, of relations', async () => {
  expect(Cat.meta.pk.map((field) => [field.name, field.column, field.kind])).toEqual([['code', 'code', 'uuid']])
  expect(Cat.meta.fields.has('id')).toBe(false)
  const owner = await Owner.objects.create({ name: 'Ursula' })
  const cat = await Cat.objects.create({ owner, badge: owner })
  const key: string = cat.pk
  expect(key).toBe(cat.code)
  expect((await Cat.objects.get({ pk: key })).short()).toBe(key.slice(0, 8))
  expect((await Cat.objects.inBulk([key])).get(key)?.lives).toBe(9)
  // @ts-expect-error the key is text
  const wrong = () => Cat.objects.get({ pk: 3 })
  expect(wrong).toBeTypeOf('function')
  expect((await Owner.objects.selectRelated('catBadge').get({ id: owner.id })).catBadge?.lives).toBe(9)
})

test('MOD-23 related names: each model has its own reverse relation, where the target declares it', async () => {
  const owner = await Owner.objects.create({ name: 'Ursula' })
  await owner.cats.create({ rank: 1, lives: 7 })
  expect(await Owner.objects.filter({ cats__lives: 7 }).count()).toBe(1)
  expect(Owner.meta.getField('cats').relation!.via!.model).toBe(Cat)
  expect(Owner.meta.getField('dogs').relation!.via!.model).toBe(Dog)
  // What points here is known whether it is declared or not.
  const incoming = Owner.meta.incoming.map(({ model, field }) => `${model.meta.label}.${field.name}`)
  expect(incoming.sort()).toEqual(['pets.Cat.badge', 'pets.Cat.owner', 'pets.Dog.badge', 'pets.Dog.owner'])
})

test('MOD-23 orders, indexes, constraints and triggers are inherited, under names of the model', () => {
  expect(Cat.meta.ordering).toEqual(['-rank'])
  expect(Dog.meta.ordering).toEqual(['note'])
  expect(Cat.meta.indexes.map((each) => each.name)).toEqual([
    'pets_cat_rank',
    expect.stringMatching(/^pets_cat_owner_i_[0-9a-f]{6}_idx$/),
  ])
  expect(Cat.meta.constraints.map((each) => each.name)).toEqual([
    'cat_rank_positive',
    'pets_cat_place',
    expect.stringMatching(/^pets_cat_owner_id_note_[0-9a-f]{8}_uniq$/),
  ])
  expect(Dog.meta.constraints.map((each) => each.name)).toEqual([
    'dog_rank_positive',
    'pets_dog_place',
    expect.stringMatching(/^pets_dog_owner_id_note_[0-9a-f]{8}_uniq$/),
    'dog_note',
  ])
  expect([Cat.meta.triggers[0]!.name, Dog.meta.triggers[0]!.name]).toEqual(['cat_note', 'dog_note'])
  expect(modelState(Cat as never).options.indexes![0]!.name).toBe('pets_cat_rank')
  expect(checkModel(Cat as never)).toEqual([])
})

test('MOD-23 names of two models that are one name are told before they are made', () => {
  const found = systemChecks().filter((each) => each.id === 'db.E020')
  expect(found).toEqual([expect.objectContaining({ object: 'clash.Second', level: 'error' })])
  expect(found[0]!.message).toBe('An index or constraint of clash.First and one of clash.Second are called one_name.')
})

test('MOD-23 a model’s own field stands before that of the base, in its place', () => {
  expect([...Dog.meta.fields.keys()]).toEqual(['code', 'rank', 'note', 'owner', 'badge'])
  expect(Dog.meta.getField('rank').kind).toBe('char')
  expect(Cat.meta.getField('rank').kind).toBe('integer')
})

test('MOD-23 an order that people give to rows is inherited with its column', async () => {
  const [a, b] = [
    await Task.objects.create({ list: 'x', title: 'a' }),
    await Task.objects.create({ list: 'x', title: 'b' }),
  ]
  const places: number[] = [a._order, b._order]
  expect(places).toEqual([0, 1])
  expect(await getOrder(Task.objects.filter({ list: 'x' }))).toEqual([a.id, b.id])
})
