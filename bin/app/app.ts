import { defineApp } from 'nuages'
import * as models from './models.ts'
import { urls } from './urls.ts'

export const example = defineApp({
  name: 'example',
  root: import.meta.url,
  models,
  urls,
  views: () => import('./views.ts'),
})
