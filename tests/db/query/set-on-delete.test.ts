/** REL-03 SET(): django/tests/delete, and what a value that is computed adds. */
import { defineApp } from 'nuages'
import { autoId, char, foreignKey, integer, Model, reverse, set } from 'nuages/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { type AnyInstance, collectDeletion, database } from '../../../src/db/internal.ts'
import { modelState } from '../../../src/db/migrations/from-models.ts'
import { renderState } from '../../../src/db/migrations/render.ts'
import { ProjectState } from '../../../src/db/migrations/state.ts'
import { tableSpec } from '../../../src/db/migrations/table-spec.ts'
import { freshTables, watched } from './setup.ts'

let asked = 0
/** Django's get_sentinel_user. */
async function nobody() {
  asked++
  const [user] = await User.objects.getOrCreate({ name: 'nobody' })
  return user
}

class User extends Model<User>()({
  name: char({ maxLength: 30, unique: true }),
  country: () => foreignKey(Country, { onDelete: 'cascade', null: true }),
  posts: () => reverse(Post, 'author'),
}) {}
class Country extends Model<Country>()({ code: char({ maxLength: 2 }) }) {}
class Post extends Model<Post>()({
  author: () => foreignKey(User, { onDelete: set(nobody) }),
  editor: () => foreignKey(User, { onDelete: set(() => User.objects.filter({ name: 'desk' }).first()), null: true }),
  owner: () => foreignKey(User, { onDelete: set(1), default: 1 }),
}) {}
class Order extends Model<Order>()(
  { tenant: integer(), number: char({ maxLength: 20 }) },
  { primaryKey: ['tenant', 'number'] },
) {}
class Parcel extends Model<Parcel>()({
  order: () => foreignKey(Order, { onDelete: set(() => [0, 'lost']) }),
}) {}
/** Holds a name, not a key. */
class Badge extends Model<Badge>()({
  id: autoId(),
  user: () => foreignKey(User, { onDelete: set(nobody), toField: 'name' }),
}) {}
const app = defineApp({ name: 'sets', root: import.meta.url, models: { User, Country, Post, Order, Parcel, Badge } })

freshTables(app)
beforeEach(async () => {
  asked = 0
  await User.objects.create({ name: 'first' }) // its key is 1
})

const authors = async () => (await Post.objects.orderBy('id').selectRelated('author')).map((post) => post.author.name)

describe('REL-03 set()', () => {
  test('gives rows that pointed at the deleted one what the function gives, made when it is asked', async () => {
    const [ann, bob] = [await User.objects.create({ name: 'ann' }), await User.objects.create({ name: 'bob' })]
    for (const author of [ann, ann, bob]) await Post.objects.create({ author })
    expect(await ann.delete()).toBe(1)
    expect(await authors()).toEqual(['nobody', 'nobody', 'bob'])
    expect(asked).toBe(1)
    expect(await User.objects.filter({ id: ann.id }).exists()).toBe(false)
  })

  test('of a deletion of many, and of one that came with others, asks once', async () => {
    const country = await Country.objects.create({ code: 'fr' })
    for (const name of ['ann', 'bob', 'cem']) {
      const author = await User.objects.create({ name, country })
      await Post.objects.create({ author })
    }
    expect(await Country.objects.filter({ code: 'fr' }).delete()).toEqual({
      total: 4,
      perModel: { 'sets.User': 3, 'sets.Country': 1 },
    })
    expect(await authors()).toEqual(['nobody', 'nobody', 'nobody'])
    expect(asked).toBe(1)
  })

  test('takes keys, constants, and null from a function where the key may be null', async () => {
    const ann = await User.objects.create({ name: 'ann' })
    await Post.objects.create({ author: 1, editor: ann, owner: ann })
    await ann.delete()
    expect(await Post.objects.values('author', 'editor', 'owner')).toEqual([{ author: 1, editor: null, owner: 1 }])
    const desk = await User.objects.create({ name: 'desk' })
    const bob = await User.objects.create({ name: 'bob' })
    await Post.objects.create({ author: 1, editor: bob })
    await bob.delete()
    expect(await Post.objects.orderBy('id').valuesList('editor', { flat: true })).toEqual([null, desk.id])
  })

  test('is not asked where no row pointed', async () => {
    await (await User.objects.create({ name: 'ann' })).delete()
    expect(asked).toBe(0)
    expect(await User.objects.filter({ name: 'nobody' }).exists()).toBe(false)
  })

  test('of a key of several columns', async () => {
    await Order.objects.create({ tenant: 0, number: 'lost' })
    const order = await Order.objects.create({ tenant: 7, number: 'a' })
    await Parcel.objects.create({ order })
    await order.delete()
    expect((await Parcel.objects.get({})).orderId).toEqual([0, 'lost'])
  })

  test('of a key to another field takes that field of the row', async () => {
    const ann = await User.objects.create({ name: 'ann' })
    await Badge.objects.create({ user: ann })
    await ann.delete()
    expect((await Badge.objects.get({})).userId).toBe('nobody')
  })

  test('a row that was read leads to the new one afterwards', async () => {
    const ann = await User.objects.create({ name: 'ann' })
    await Post.objects.create({ author: ann })
    await User.objects.filter({ id: ann.id }).delete()
    const post = await Post.objects.get({})
    expect((await post.author).name).toBe('nobody')
  })

  test('what fails leaves everything as it was', async () => {
    const user = await nobody()
    await Post.objects.create({ author: user })
    await expect(user.delete()).rejects.toMatchObject({ code: 'db.bad-set-value' })
    const first = await User.objects.get({ name: 'first' })
    await Post.objects.create({ author: user, owner: first })
    await expect(first.delete()).rejects.toThrow('set() of sets.Post.owner gave a row that is deleted as well (1).')
    expect(await User.objects.count()).toBe(2)
    expect(await authors()).toEqual(['nobody', 'nobody'])
  })

  test('a look at a deletion, which the admin shows, makes no row', async () => {
    const ann = await User.objects.create({ name: 'ann' })
    await Post.objects.create({ author: ann })
    const { result, sql } = await watched(() => collectDeletion([ann as unknown as AnyInstance]))
    expect(result.counts).toEqual([{ model: User, count: 1 }])
    expect(result.blocked).toEqual([])
    expect(sql.every((text) => text.startsWith('SELECT'))).toBe(true)
    expect(asked).toBe(0)
  })

  test('in migrations it is the word alone, and the table knows nothing of it', () => {
    const [, options] = modelState(Post).fields.author!.args
    expect(options).toEqual({ onDelete: 'set' })
    const { columns } = tableSpec(database().backend, Post.meta)
    const references = columns.flatMap((column) => column.references ?? [])
    expect(references).toHaveLength(3)
    for (const reference of references) expect(reference).not.toHaveProperty('onDelete')
  })

  test('of a historical model refuses to delete what it would have to change, and nothing else', async () => {
    const models = renderState(new ProjectState([User, Country, Post, Badge].map(modelState)))
    const ann = await User.objects.create({ name: 'ann' })
    const bob = await User.objects.create({ name: 'bob' })
    await Post.objects.create({ author: ann })
    const { objects } = models.get('sets.User')
    await expect(objects.filter({ id: ann.id }).delete()).rejects.toMatchObject({ code: 'db.bad-set-value' })
    expect(await objects.filter({ id: bob.id }).delete()).toMatchObject({ total: 1 })
  })
})
