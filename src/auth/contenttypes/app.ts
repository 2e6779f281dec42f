import { defineApp } from '../../apps/index.ts'
import { tLazy } from '../../i18n/index.ts'
import { ContentType } from './models.ts'

export const contentTypes = defineApp({
  name: 'contenttypes',
  verboseName: tLazy('Content types'),
  root: import.meta.url,
  models: { ContentType },
  async ready() {
    const { modelsRenamed } = await import('../../db/internal.ts')
    const rename = async () => (await import('./renames.ts')).renameContentTypes
    modelsRenamed.connect(async (event) => (await rename())(event), { key: 'contenttypes.rename' })
  },
})
