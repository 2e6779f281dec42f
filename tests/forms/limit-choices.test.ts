/** Which rows a relation offers (REL-08). */
import { defineApp } from 'nuages'
import { boolean, char, foreignKey, Model, manyToMany, Own, reverse } from 'nuages/db'
import { modelForm } from 'nuages/forms'
import { expect, test } from 'vitest'
import { offeredRows } from '../../src/admin/relations.ts'
import { adminOf } from '../../src/admin/site.ts'
import { modelState } from '../../src/db/migrations/from-models.ts'
import { freshTablesOf } from '../db/schema/tables.ts'

let letter = 'a'
class Cook extends Model<Cook>()({
  name: char({ maxLength: 20 }),
  active: boolean({ default: true }),
  dishes: () => reverse(Dish, 'cook'),
}) {
  override toString(): string {
    return this.name
  }
}
class Dish extends Model<Dish>()({
  cook: () => foreignKey(Cook, { onDelete: 'cascade', limitChoicesTo: { active: true } }),
  taster: () =>
    foreignKey(Cook, {
      onDelete: 'cascade',
      null: true,
      blank: true,
      limitChoicesTo: () => ({ name__startswith: letter }),
    }),
  helpers: () => manyToMany(Cook, { blank: true, limitChoicesTo: Own({ active: true }).and({ dishes__id__gte: 0 }) }),
}) {}
defineApp({ name: 'kitchen', root: import.meta.url, models: { Cook, Dish } })
freshTablesOf(Cook, Dish, Dish.meta.fields.get('helpers')!.relation!.through!.model)

const cooks = () =>
  Cook.objects.bulkCreate([{ name: 'ann' }, { name: 'bob' }, { name: 'cid', active: false }]) as Promise<
    [Cook, Cook, Cook]
  >
const form = modelForm(Dish, { fields: ['cook', 'taster', 'helpers'] })
const offered = async (name: 'cook' | 'taster' | 'helpers') =>
  (await form.fields[name]!.choices()).map(({ label }) => String(label)).filter((label) => !label.startsWith('-'))
const send = (values: Record<string, string>) => form.bind(new URLSearchParams(values))

test('REL-08: forms offer the rows of the condition, each once; a function is asked each time', async () => {
  const [ann] = await cooks()
  await Dish.objects.bulkCreate([{ cook: ann }, { cook: ann }])
  expect(await offered('cook')).toEqual(['ann', 'bob'])
  letter = 'b'
  expect(await offered('taster')).toEqual(['bob'])
  letter = 'a'
  expect(await offered('taster')).toEqual(['ann'])
  expect(await offered('helpers')).toEqual(['ann'])
})

test('REL-08: other rows are refused by forms, and by fullClean()', async () => {
  const [ann, bob, cid] = await cooks()
  letter = 'a'
  const wrong = await send({ cook: String(cid.id), taster: String(bob.id) })
  expect(await wrong.isValid()).toBe(false)
  expect(Object.keys(wrong.errors)).toEqual(expect.arrayContaining(['cook', 'taster']))
  const right = await send({ cook: String(bob.id), taster: String(ann.id) })
  expect(await right.isValid()).toBe(true)
  await new Dish({ cook: ann, taster: ann }).fullClean()
  await expect(new Dish({ cook: cid }).fullClean()).rejects.toMatchObject({
    fields: { cook: [`Cook ${cid.id} does not exist.`] },
  })
  const helped = await send({ cook: String(bob.id), helpers: String(cid.id) })
  expect(await helped.isValid()).toBe(false)
})

test('REL-08: rows that a form names are limited as well, and so is the admin', async () => {
  await cooks()
  const narrow = modelForm(Dish, { fields: ['cook'], rows: { cook: () => Cook.objects.filter({ name__gt: 'b' }) } })
  expect((await narrow.fields.cook!.choices()).map(({ label }) => String(label)).slice(1)).toEqual(['bob'])
  const context = { admin: adminOf(Dish as never), access: { isSuperuser: true }, request: {} } as never
  const rows = (await offeredRows(context, Dish.meta.fields.get('cook')!))!
  expect(await rows().orderBy('name').valuesList('name', { flat: true })).toEqual(['ann', 'bob'])
})

test('REL-08: it is no part of a table', () => {
  expect(modelState(Dish as never).fields.cook!.args).toEqual(['kitchen.Cook', { onDelete: 'cascade' }])
})
