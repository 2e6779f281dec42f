/** Tables between the two sides of a manyToMany field, for those that name no model of their own. */

import { capitalize } from '../../std/text.ts'
import { Descriptor } from '../fields/descriptor.ts'
import { autoId } from '../fields/numbers.ts'
import { unique } from './constraints.ts'
import { definitionOf } from './definition.ts'
import type { AnyModel, RelationMeta } from './meta.ts'
import { throughTableName } from './names.ts'

/** Makes a model class; given by the file that can, since it needs this one. */
export type MakeModel = (options: {
  readonly app: string
  readonly name: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly options: Readonly<Record<string, unknown>>
  readonly autoCreated: true
  readonly like: AnyModel
}) => AnyModel

let makeModel: MakeModel | undefined
/** Called once by `define.ts`. */
export function setMakeModel(make: MakeModel): void {
  makeModel = make
}

/**
 * The model between, named and laid out as Django's: `Book.tags` is `library_book_tags` with `book_id` and `tag_id`;
 * between rows of one model `from_book_id` and `to_book_id`.
 */
export function makeThrough(
  model: AnyModel,
  name: string,
  target: AnyModel,
  table: string | null,
): NonNullable<RelationMeta['through']> {
  const { app, name: modelName, table: ownTable, managed } = model.meta
  const [from, to] =
    target === model
      ? [`from${capitalize(modelName.toLowerCase())}`, `to${capitalize(modelName.toLowerCase())}`]
      : sideNames(modelName.toLowerCase(), target.meta.name.toLowerCase())
  const key = (side: AnyModel) => () =>
    new Descriptor(null, { onDelete: 'cascade' }, { type: 'foreignKey', target: side, via: null })
  const through = makeModel!({
    app,
    name: `${modelName}_${name}`,
    fields: { id: autoId(), [from]: key(model), [to]: key(target) },
    options: {
      dbTable: table ?? throughTableName(ownTable, name),
      managed,
      constraints: [unique([from, to])],
      verboseName: `${modelName}-${target.meta.name} relationship`,
    },
    autoCreated: true,
    like: definitionOf(model)!.bound!.model,
  })
  const { fields } = through.meta
  return { model: through, from: fields.get(from)!, to: fields.get(to)!, auto: true }
}

/** Two models of one name, from different apps: their columns must still differ. */
function sideNames(from: string, to: string): [string, string] {
  return from === to ? [`from${capitalize(from)}`, `to${capitalize(to)}`] : [from, to]
}
