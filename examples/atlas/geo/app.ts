import { defineApp } from 'nuages'
import { City, Continent, Country, Currency, Language } from './models.ts'
import { urls } from './urls.ts'

export const geo = defineApp({
  name: 'geo',
  verboseName: 'Atlas',
  root: import.meta.url,
  models: { Continent, Country, City, Language, Currency },
  urls,
  views: () => import('./views.ts'),
  admin: () => import('./admin.ts'),
})
