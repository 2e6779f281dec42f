// MOD-03: keys of several fields, and foreign keys to other fields: what compiles, and what does not.
import { char, foreignKey, integer, Model, uuid } from 'nuages/db'
import { eq } from './eq.ts'

class Tenant extends Model<Tenant>()({ name: char({ maxLength: 50, unique: true }) }) {}
class Order extends Model<Order>()(
  { tenant: () => foreignKey(Tenant, { onDelete: 'cascade' }), number: char({ maxLength: 20 }) },
  { primaryKey: ['tenant', 'number'] },
) {}
class Line extends Model<Line>()(
  { order: () => foreignKey(Order, { onDelete: 'cascade' }), position: integer() },
  { primaryKey: ['order', 'position'] },
) {}
class Event extends Model<Event>()({
  id: uuid({ primaryKey: true, auto: true }),
  order: () => foreignKey(Order, { null: true, onDelete: 'setNull' }),
  tenant: () => foreignKey(Tenant, { toField: 'name', onDelete: 'cascade' }),
}) {}

const order = await Order.objects.get({ pk: [1, 'x'] })
eq<typeof order.pk, [number, string]>(true)
const line = await Line.objects.get({ pk__in: [[1, 'x', 2]], order: [1, 'x'] })
eq<typeof line.pk, [number, string, number]>(true)
eq<typeof line.orderId, [number, string]>(true)
const event = await Event.objects.get({ orderId: [1, 'x'], order__in: [order, [2, 'y']], pk: 'abc' })
eq<typeof event.orderId, [number, string] | null>(true)
eq<typeof event.tenantId, string>(true)
await Event.objects.filter({ tenant: 'acme', tenant__in: ['acme'], order__tenant__name: 'x', order__isnull: true })
await Order.objects.filter({ pk__gt: [1, 'x'] }).orderBy('-pk')
const keys = await Order.objects.valuesList('pk', { flat: true })
eq<typeof keys, [number, string][]>(true)
const rows = await Order.objects.inBulk([[1, 'x']])
eq<typeof rows, Map<[number, string], Order>>(true)
await Line.objects.create({ order: [1, 'x'], position: 1 })
await Line.objects.create({ order, position: 1 })

/** REL-14: its columns are fields of its own; it is made by them. */
class Note extends Model<Note>()({
  tenant: () => foreignKey(Tenant, { onDelete: 'cascade' }),
  number: char({ maxLength: 20 }),
  order: () => foreignKey(Order, { onDelete: 'cascade', fields: ['tenant', 'number'] }),
}) {}
await Note.objects.create({ tenant: 1, number: 'x' })
const note = new Note({ tenant: 1, number: 'x', order })
eq<typeof note.orderId, [number, string]>(true)

// @ts-expect-error a part is missing
await Order.objects.get({ pk: [1] })
// @ts-expect-error the parts are the other way round
await Order.objects.get({ pk: ['x', 1] })
// @ts-expect-error one value is no key
await Order.objects.filter({ pk__in: [1] })
// @ts-expect-error a key has no text lookups
await Order.objects.filter({ pk__contains: 'x' })
// @ts-expect-error the key of the order has two parts
await Line.objects.create({ order: 1, position: 1 })
// @ts-expect-error it holds the name, not the id
await Event.objects.filter({ tenant: 3 })
