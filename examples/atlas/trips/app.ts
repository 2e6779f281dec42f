import { defineApp } from 'nuages'
import { Booking, Leg, Tag, Trip } from './models.ts'
import { urls } from './urls.ts'

export const trips = defineApp({
  name: 'trips',
  root: import.meta.url,
  models: { Trip, Leg, Booking, Tag },
  urls,
  views: () => import('./views.ts'),
  admin: () => import('./admin.ts'),
})
