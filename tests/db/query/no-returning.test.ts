/** save() and create() where a database gives back nothing of what it inserts, as a backend of others may: numbers are told, the rest is read. */
import { defineApp } from 'nuages'
import { char, dateTime, integer, Model, uuid, Value } from 'nuages/db'
import { Lower, UUID4 } from 'nuages/db/functions'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { freshTables, watched } from './setup.ts'

/** A number of the database; the rest it fills. */
class Visit extends Model<Visit>()({
  guest: char({ maxLength: 20 }),
  badge: uuid({ dbDefault: UUID4() }),
  since: dateTime({ dbDefault: 'now' }),
}) {}
/** A key that the database draws. */
class Ticket extends Model<Ticket>()({ id: uuid({ primaryKey: true, dbDefault: UUID4() }), seat: integer() }) {}
/** A key of which it fills a part. */
class Stall extends Model<Stall>()(
  { market: char({ maxLength: 10, dbDefault: 'north' }), day: integer(), name: char({ maxLength: 20 }) },
  { primaryKey: ['market', 'day'] },
) {}
/** A key of the program. */
class Plain extends Model<Plain>()({ code: char({ maxLength: 4, primaryKey: true }), size: integer({ default: 3 }) }) {}

const fair = defineApp({ name: 'fair', root: import.meta.url, models: { Visit, Ticket, Stall, Plain } })
freshTables(fair)

/** What the engine of the run can do, but for `returning`: features are one object for every database of a backend. */
let features: { returning: boolean }
beforeEach(() => {
  features = database('default').features as { returning: boolean }
  features.returning = false
})
afterEach(() => {
  features.returning = true
})

// A key's number is told with the statement by SQLite alone.
describe.runIf(process.env.TEST_ENGINE === undefined)('a new row', () => {
  test('has its number and what the database filled, and is not written again', async () => {
    const visit = await Visit.objects.create({ guest: 'Django' })
    const read = await Visit.objects.get({ guest: 'Django' })
    expect([visit.id, visit.badge, visit.since]).toEqual([read.id, read.badge, read.since])
    expect(visit.badge).toMatch(/^[0-9a-f-]{36}$/)
    const { sql: sent } = await watched(() => visit.save())
    expect(sent).toEqual([])
    visit.guest = 'Joseph'
    await visit.save()
    expect(await Visit.objects.valuesList('id', 'guest')).toEqual([[visit.id, 'Joseph']])
  })

  test('with a key of its own, and with a computed value', async () => {
    const plain = await Plain.objects.create({ code: 'a' })
    expect([plain.code, plain.size]).toEqual(['a', 3])
    const visit = await Visit.objects.create({ guest: Lower(Value('STEPHANE')) })
    expect([visit.guest, typeof visit.id, visit.badge.length]).toEqual(['stephane', 'number', 36])
    const numbered = await Visit.objects.create({ id: 70, guest: 'x' })
    expect([numbered.id, numbered.badge.length]).toEqual([70, 36])
  })

  test('with a key that the database draws is found again', async () => {
    const ticket = await Ticket.objects.create({ seat: 3 })
    expect(await Ticket.objects.get({ seat: 3 })).toMatchObject({ id: ticket.id, seat: 3 })
    expect(ticket.id).toMatch(/^[0-9a-f-]{36}$/)
    const stall = await Stall.objects.create({ day: 1, name: 'Caravan' })
    expect(stall.market).toBe('north')
    stall.name = 'Tent'
    await stall.save()
    expect(await Stall.objects.valuesList('market', 'day', 'name')).toEqual([['north', 1, 'Tent']])
    const [one] = await Ticket.objects.bulkCreate([{ seat: 4 }])
    expect((await Ticket.objects.get({ seat: 4 })).id).toBe(one!.id)
  })
})
