import { admin, inline } from 'nuages/admin'
import { Booking, Guest, Leg, Port, Trip } from './models.ts'

admin.register(Trip, {
  saveAsNew: true,
  inlines: [
    inline(Leg, {
      fields: ['name', 'start', 'day', 'sure', 'size'],
      columns: { size: { label: 'Letters', value: (leg) => leg.name.length } },
      max: 60,
      inlines: [inline(Booking, { layout: 'stacked', fields: ['code', 'seats'] })],
    }),
    inline(Guest, { layout: 'stacked', fields: ['person', 'role'], extra: 2 }),
  ],
})
admin.register(Port, { inlines: [inline(Leg, { fkName: 'start', fields: ['name'], extra: 0 })] })
admin.register(Leg, { filters: ['trip'] })
