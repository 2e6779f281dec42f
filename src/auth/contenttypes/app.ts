import { defineApp } from '../../apps/index.ts'
import { tLazy } from '../../i18n/index.ts'
import { ContentType } from './models.ts'

export const contentTypes = defineApp({
  name: 'contenttypes',
  verboseName: tLazy('Content types'),
  root: import.meta.url,
  models: { ContentType },
})
