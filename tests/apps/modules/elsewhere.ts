import { defineApp } from '../../../src/apps/define.ts'
import { Model } from '../../../src/db/index.ts'

export class Elsewhere extends Model<Elsewhere>()({}) {}
export const elsewhere = defineApp({ name: 'elsewhere', root: import.meta.url, models: { Elsewhere } })
