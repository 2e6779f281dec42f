import { defineApp } from '../../../src/apps/define.ts'
import * as models from './circle-models.ts'

export const circle = defineApp({ name: 'circle', root: import.meta.url, models })
