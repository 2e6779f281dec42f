import { defineApp } from 'nuages'
import { urls } from '../urls.ts'
import * as models from './models.ts'

/** An app: models and what belongs to them, in one folder. `npx nuages startapp blog` makes another. */
export const main = defineApp({
  name: 'main',
  root: import.meta.url,
  models, // every model that models.ts exports
  urls,
  views: () => import('./views.ts'),
})
