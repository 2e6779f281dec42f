/** Proxy models (MOD-25): the rows of another model with behaviour, order, manager, admin and permissions of their own. */
import { isSameRow, Model, ProxyModel, preSave } from 'nuages/db'
import { deserialize, serialize } from 'nuages/db/serializers'
import { expect, test } from 'vitest'
import { adminOf } from '../../../src/admin/site.ts'
import { ContentType } from '../../../src/auth/contenttypes/models.ts'
import { createPermissions } from '../../../src/auth/create-permissions.ts'
import { Permission } from '../../../src/auth/models.ts'
import { systemChecks } from '../../../src/db/checks.ts'
import { modelsOf } from '../../../src/db/commands/labels.ts'
import { modelState, stateOfModels } from '../../../src/db/migrations/from-models.ts'
import { freshTablesOf } from '../schema/tables.ts'
import { LateLoan, Loan, lending, OpenLoan, Reader, Reminder, VeryLateLoan } from './lending.ts'

freshTablesOf(
  Reader,
  Loan,
  Loan.meta.fields.get('friends')!.relation!.through!.model,
  Reminder,
  ContentType,
  Permission,
)

async function rows() {
  const reader = await Reader.objects.create({ name: 'Ann' })
  const [first, second] = await Loan.objects.bulkCreate([
    { reader, due: 1 },
    { reader, due: 2, returned: true },
  ])
  return { reader, first: first!, second: second! }
}

test('MOD-25: a proxy has the rows, as instances of its class with methods of both', async () => {
  const { first } = await rows()
  const late = await LateLoan.objects.get({ due: 1 })
  expect(late).toBeInstanceOf(LateLoan)
  expect(late).toBeInstanceOf(Loan)
  expect([late.remind(), String(late), late.pk]).toEqual(['until 1!', `LateLoan(${first.pk})`, first.pk])
  expect((await VeryLateLoan.objects.get({ due: 1 })).remind()).toBe('until 1!!!')
  expect(await Loan.objects.get({ due: 1 })).not.toBeInstanceOf(LateLoan)
  expect(isSameRow(late, first)).toBe(true)
})

test('MOD-25: order and manager are its own, or those of the model', async () => {
  await rows()
  const dues = { flat: true } as const
  expect(await LateLoan.objects.valuesList('due', dues)).toEqual([2, 1])
  expect(await VeryLateLoan.objects.valuesList('due', dues)).toEqual([2, 1])
  expect(await Loan.objects.valuesList('due', dues)).toEqual([1, 2])
  expect(await OpenLoan.objects.valuesList('due', dues)).toEqual([1])
  const inherited = LateLoan.objects as unknown as typeof Loan.objects // of the class that Loan has
  const open = await inherited.open()
  expect(open.map((loan) => [loan.constructor, loan.due])).toEqual([[LateLoan, 1]])
})

test('MOD-25, MOD-22: writes go to the table of the model', async () => {
  const { reader, first } = await rows()
  const made = await LateLoan.objects.create({ reader, due: 3 })
  expect(made).toBeInstanceOf(LateLoan)
  made.due = 4
  await made.save()
  await made.refresh()
  expect((await Loan.objects.get({ pk: made.pk })).due).toBe(4)
  expect(await LateLoan.objects.filter({ pk: first.pk }).update({ due: 9 })).toBe(1)
  await Reminder.objects.create({ loan: made })
  expect(await made.delete()).toBe(2)
  expect(await Loan.objects.count()).toBe(2)
  const [bulk] = await OpenLoan.objects.bulkCreate([{ reader, due: 7 }])
  expect(bulk).toBeInstanceOf(OpenLoan)
  expect(await OpenLoan.objects.delete()).toMatchObject({})
  expect(await Loan.objects.valuesList('returned', { flat: true })).toEqual([true])
  await new LateLoan({ reader, due: 1 }).fullClean()
})

test('MOD-25: signals tell the class that was saved', async () => {
  const { reader } = await rows()
  const told: unknown[] = []
  const stop = preSave.connect(({ model }) => void told.push(model))
  await LateLoan.objects.create({ reader, due: 3 })
  await Loan.objects.create({ reader, due: 3 })
  stop()
  expect(told).toEqual([LateLoan, Loan])
})

test('MOD-25: relations of the model work from a proxy, and rows of either go into relations to either', async () => {
  const { reader, first } = await rows()
  const late = await LateLoan.objects.get({ due: 1 })
  expect((await late.reader).name).toBe('Ann')
  expect((await LateLoan.objects.selectRelated('reader').first())!.reader.name).toBe('Ann')
  await late.friends.add(reader)
  expect(await LateLoan.objects.filter({ friends__name: 'Ann' }).count()).toBe(1)
  const [ahead] = await LateLoan.objects.filter({ due: 1 }).prefetchRelated('friends', 'reminders')
  expect([ahead!.friends.length, ahead!.reminders.length]).toEqual([1, 0])
  const one = await Reminder.objects.create({ loan: late, text: 'a' })
  const two = await Reminder.objects.create({ loan: first as never, text: 'b' })
  expect(await late.reminders.orderBy('text').valuesList('text', { flat: true })).toEqual(['a', 'b'])
  expect(await Reminder.objects.filter({ loan: first as never }).count()).toBe(2)
  expect((await (await Reminder.objects.get({ pk: one.pk })).loan).remind()).toBe('until 1!')
  expect((await Reminder.objects.selectRelated('loan').get({ pk: two.pk })).loan).toBeInstanceOf(LateLoan)
  expect(await reader.loans.count()).toBe(2)
  expect(await reader.delete()).toBe(6)
})

test('MOD-25: there is nothing to migrate, and a relation to a proxy is one to its table', () => {
  const state = stateOfModels({ apps: [lending], user: null } as never)
  expect([...state.models.keys()]).toEqual(['lending.Reader', 'lending.Loan', 'lending.Reminder'])
  expect(modelState(Reminder as never).fields.loan!.args[0]).toBe('lending.Loan')
  expect([LateLoan.meta.table, LateLoan.meta.concrete, LateLoan.meta.proxy]).toEqual(['lending_loan', Loan, true])
  expect([Loan.meta.concrete, Loan.meta.proxy, VeryLateLoan.meta.concrete]).toEqual([Loan, false, Loan])
  const pointing = Loan.meta.incoming.filter(({ model }) => !model.meta.autoCreated)
  expect(pointing.map(({ model, field }) => [model, field.name])).toEqual([[Reminder, 'loan']])
  expect(Reader.meta.incoming.map(({ model }) => model.meta.label)).toContain('lending.Loan')
  expect(Reader.meta.incoming.some(({ model }) => model.meta.proxy)).toBe(false)
})

test('MOD-25: names, permissions and the admin are its own', async () => {
  expect([LateLoan.meta.label, LateLoan.meta.verboseName, LateLoan.meta.verboseNamePlural]).toEqual([
    'lending.LateLoan',
    'late loan',
    'late loans',
  ])
  await createPermissions({ apps: [lending] as never, alias: 'default' })
  const names = await Permission.objects
    .filter({ contentType__model: 'lateloan' })
    .orderBy('codename')
    .valuesList('codename', { flat: true })
  expect(names).toEqual(['add_lateloan', 'change_lateloan', 'delete_lateloan', 'remind', 'view_lateloan'])
  expect(adminOf(LateLoan as never)?.model).toBe(LateLoan)
  expect(adminOf(LateLoan as never)).not.toBe(adminOf(Loan as never))
})

test('MOD-25: fixtures hold rows once, under the model; checks have nothing to say', async () => {
  await rows()
  expect(modelsOf({ apps: { apps: [lending] } } as never, []).map(({ name }) => name)).toEqual([
    'Reader',
    'Loan',
    'Reminder',
  ])
  const text = await serialize('json', LateLoan.objects.all())
  await Loan.objects.delete()
  for await (const row of deserialize('json', text)) await row.save()
  expect(await Loan.objects.count()).toBe(2)
  const found = systemChecks().filter(({ object }) => String(object).startsWith('lending.'))
  expect(found).toEqual([])
})

test('MOD-25: a proxy stands for a model', () => {
  const refused = expect.objectContaining({ code: 'db.bad-proxy' })
  expect(() => ProxyModel()(class {} as never)).toThrow(refused)
  class Unlisted extends Model<Unlisted>()({}) {}
  class Late extends ProxyModel<Late>()(Unlisted) {}
  expect(() => Late.objects).toThrow(expect.objectContaining({ code: 'db.model-not-in-app' }))
})
