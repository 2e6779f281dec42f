/** MOD-22: what a model's header says of permissions, of tables that are not ours, and of classes that stand for others. */
import { defineApp } from 'nuages'
import { ContentType, createPermissions, Permission } from 'nuages/auth'
import { char, integer, Model, ProxyModel } from 'nuages/db'
import { beforeEach, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { stateOfModels } from '../../../src/db/migrations/from-models.ts'
import { freshTablesOf } from '../schema/tables.ts'

/** The table is another program's. */
class Reading extends Model<Reading>()(
  { place: char({ maxLength: 20 }), value: integer() },
  {
    managed: false,
    dbTable: 'their_readings',
    defaultPermissions: ['view'],
    permissions: [['export_reading', 'Can export']],
  },
) {}
class Plain extends Model<Plain>()({ name: char({ maxLength: 20 }) }) {}
class Bare extends Model<Bare>()({ name: char({ maxLength: 20 }) }, { defaultPermissions: [] }) {}
class Loud extends ProxyModel<Loud>()(Reading, {
  permissions: [['shout_loud', 'Can shout']],
  defaultPermissions: [],
}) {}
const station = defineApp({ name: 'station', root: import.meta.url, models: { Reading, Plain, Bare, Loud } })

freshTablesOf(ContentType, Permission)
beforeEach(() =>
  database().exec('CREATE TABLE their_readings (id integer PRIMARY KEY, place varchar(20), value integer)'),
)

test('MOD-22 permissions: the four, those of defaultPermissions, those of its own', async () => {
  await createPermissions({ apps: [station] as never, alias: 'default' })
  const codenames = (model: string) =>
    Permission.objects.filter({ contentType__model: model }).orderBy('codename').valuesList('codename', { flat: true })
  expect(await codenames('plain')).toEqual(['add_plain', 'change_plain', 'delete_plain', 'view_plain'])
  expect(await codenames('bare')).toEqual([])
  expect(await codenames('reading')).toEqual(['export_reading', 'view_reading'])
  expect(await codenames('loud')).toEqual(['shout_loud'])
})

test('MOD-22 managed: false: queries work, and migrations know it as not theirs', async () => {
  await Reading.objects.create({ id: 1, place: 'roof', value: 7 })
  const row = await Reading.objects.get({ place: 'roof' })
  row.value = 9
  await row.save()
  expect(await Loud.objects.filter({ value__gt: 8 }).count()).toBe(1)
  expect(await Reading.objects.delete()).toMatchObject({ total: 1 })
  const models = stateOfModels({ apps: [station], user: null } as never).models
  expect([...models.values()].find(({ name }) => name === 'Reading')).toMatchObject({ options: { managed: false } })
  expect([...models.values()].map(({ name }) => name).sort()).toEqual(['Bare', 'Plain', 'Reading'])
})
