import { defineApp } from '../../apps/index.ts'
import { ContentType } from './models.ts'

export const contentTypes = defineApp({
  name: 'contenttypes',
  verboseName: 'Content types',
  root: import.meta.url,
  models: { ContentType },
})
