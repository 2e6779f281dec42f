import { defineApp } from 'nuages'
import { Page } from './models.ts'
import { urls } from './urls.ts'

export const pages = defineApp({
  name: 'pages',
  root: import.meta.url,
  models: { Page },
  urls,
  views: () => import('./views.ts'),
})
