import { AbstractModel, char, Model, QuerySet } from '../../../src/db/index.ts'

export abstract class Named extends AbstractModel({ name: char({ maxLength: 40 }) }) {}
export class ShelfQuerySet extends QuerySet<Shelf> {}
export class Shelf extends Model<Shelf>()({}, { extends: Named }) {
  static override objects = new ShelfQuerySet(Shelf)
}
export class Box extends Model<Box>()({}, { extends: Named }) {}
export const LIMIT = 3
export function helper(): number {
  return LIMIT
}
export { Elsewhere } from './elsewhere.ts'
export default Box
