import { defineApp } from 'nuages'
import { Booking, Guest, Leg, Person, Port, Trip } from './models.ts'

export const travel = defineApp({
  name: 'travel',
  root: import.meta.url,
  models: { Port, Trip, Leg, Booking, Guest, Person },
  admin: () => import('./admin.ts'),
})
