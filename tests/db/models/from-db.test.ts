/** MOD-34: what a model does with each row that is read. */
import { defineApp } from 'nuages'
import { Count, char, foreignKey, integer, Model, ProxyModel, reverse } from 'nuages/db'
import { expect, test } from 'vitest'
import { createTables, freshTables } from '../query/setup.ts'

class Shelf extends Model<Shelf>()({ name: char({ maxLength: 20 }), parcels: () => reverse(Parcel, 'shelf') }) {}
class Parcel extends Model<Parcel>()({
  place: char({ maxLength: 20 }),
  weight: integer({ default: 0 }),
  shelf: () => foreignKey(Shelf, { null: true, onDelete: 'cascade' }),
}) {
  declare before: string | undefined

  override fromDb() {
    this.before = `${this.place} ${this.weight}`
  }
}
class Heavy extends ProxyModel<Heavy>()(Parcel) {
  override fromDb() {
    super.fromDb()
    this.before += '!'
  }
}
const post = defineApp({ name: 'post', root: import.meta.url, models: { Shelf, Parcel, Heavy } })
freshTables({ models: {} })

test('MOD-34: fromDb() is called with each row that a query reads, whichever way', async () => {
  await createTables('default', { models: { Shelf: post.models.Shelf, Parcel: post.models.Parcel } })
  const shelf = await Shelf.objects.create({ name: 's' })
  const made = await Parcel.objects.create({ place: 'here', weight: 3, shelf })
  expect(made.before).toBeUndefined()
  const row = await Parcel.objects.get({ id: made.id })
  expect(row.before).toBe('here 3')
  row.place = 'there'
  await row.save()
  expect(row.before).toBe('here 3')
  await row.refresh()
  expect(row.before).toBe('here 3')

  const annotated = await Parcel.objects.annotate({ n: Count('id') }).get({ id: made.id })
  expect([annotated.before, annotated.n]).toEqual(['there 3', 1])
  const [withParcels] = await Shelf.objects.prefetchRelated('parcels')
  expect([...withParcels!.parcels].map((parcel) => parcel.before)).toEqual(['there 3'])
  for await (const parcel of Parcel.objects.iterator()) expect(parcel.before).toBe('there 3')
  expect((await Heavy.objects.get({ id: made.id })).before).toBe('there 3!')
  expect(await Parcel.objects.values('place')).toEqual([{ place: 'there' }])
})

test('MOD-34: what only() left out is not there, and is told as anywhere', async () => {
  await createTables('default', { models: { Shelf: post.models.Shelf, Parcel: post.models.Parcel } })
  await Parcel.objects.create({ place: 'here' })
  await expect(Parcel.objects.only('place').list()).rejects.toMatchObject({ code: 'db.not-loaded' })
})

test('MOD-34: a model without one keeps the constructor of its rows', async () => {
  await createTables('default', { models: { Shelf: post.models.Shelf, Parcel: post.models.Parcel } })
  await Shelf.objects.create({ name: 's' })
  const shelf = await Shelf.objects.get({ name: 's' })
  expect(shelf.fromDb()).toBeUndefined()
  expect(Object.keys(shelf)).toEqual(['id', 'name'])
})
