import { admin } from 'nuages/admin'
import { Booking, Leg, Tag, Trip } from './models.ts'

admin.register(Trip, {
  list: ['name', 'status', 'startsOn', 'endsOn', 'owner', 'budget'],
  filters: ['status', 'tags', 'owner'],
  search: ['name', 'slug'],
})

admin.register(Tag, { list: ['name'], search: ['name'] })
admin.unregister(Leg)
admin.unregister(Booking)
