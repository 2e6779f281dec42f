import { Model } from '../../../src/db/index.ts'
import { circle } from './circle-app.ts'

export class Round extends Model<Round>()({}) {}
export const place = () => circle.root
