import { action, admin, inline } from 'nuages/admin'
import { Count } from 'nuages/db'
import { booleanField, decimalField, form } from 'nuages/forms'
import { Booking, Leg, Tag, Trip } from './models.ts'

const plan = action(Trip, {
  label: 'Mark as planned',
  async run(rows) {
    const count = await rows.filter({ status: 'draft' }).update({ status: 'planned' })
    return count === 1 ? 'One draft is planned now.' : `${count} drafts are planned now.`
  },
})

const raiseBudget = action(Trip, {
  label: 'Change the budget…',
  confirm: 'Change the budget of {n} trips?',
  form: () =>
    form({
      percent: decimalField({ min: -50, max: 100, label: 'Percent', help: 'Below zero makes it smaller.' }),
      round: booleanField({ required: false, label: 'Round to tens of euros' }),
    }),
  async run(rows, { values }) {
    const trips = await rows.exclude({ budget: null })
    for (const trip of trips) {
      const changed = trip.budget!.times(values.percent.div(100).plus(1))
      trip.budget = values.round ? changed.toNearest(10) : changed.toDecimalPlaces(2)
      await trip.save()
    }
    return `The budget of ${trips.length} trips was changed.`
  },
})

admin.register(Trip, {
  list: ['name', 'status', 'startsOn', 'length', 'legs', 'budget'],
  editable: ['status', 'budget'],
  filters: ['status', 'tags', 'owner', 'legs__kind'],
  search: ['name', '=slug'],
  dateHierarchy: 'startsOn',
  columns: {
    length: { label: 'Days', value: (trip) => trip.startsOn.until(trip.endsOn).days + 1 },
    legs: { label: 'Legs', value: Count('legs') },
  },
  actions: [plan, raiseBudget],
  fieldsets: [
    { fields: ['name', 'slug', ['status', 'owner']] },
    { title: 'When', fields: [['startsOn', 'endsOn'], 'length'] },
    { title: 'Where and why', fields: ['countries', 'tags'] },
    { title: 'Money and notes', fields: ['budget', 'notes'] },
  ],
  readonly: ['length'],
  saveAsNew: true,
  inlines: [
    inline(Leg, {
      fields: ['order', 'fromCity', 'toCity', 'departsAt', 'kind'],
      inlines: [inline(Booking, { layout: 'stacked', extra: 0 })],
    }),
  ],
  perPage: 50,
})

admin.register(Tag, {
  list: ['name', 'trips'],
  search: ['name'],
  columns: { trips: { label: 'Trips', value: Count('trips') } },
})
admin.unregister(Leg)
admin.unregister(Booking)
