import { defineApp } from 'nuages'
import { Page, Visit } from './models.ts'
import { urls } from './urls.ts'

export const pages = defineApp({
  name: 'pages',
  root: import.meta.url,
  models: { Page, Visit },
  urls,
  views: () => import('./views.ts'),
})
