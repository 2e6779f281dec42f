// Default orders take names of own fields, and expressions (MOD-18).
import { char, integer, Model, Own } from 'nuages/db'
import { Lower } from 'nuages/db/functions'

const fields = { name: char({ maxLength: 20 }), floor: integer({ null: true }) }

export class Shelf extends Model<Shelf>()(fields, {
  ordering: ['-name', Own('floor').desc({ nulls: 'last' }), Lower('name'), Own('floor')],
}) {}

// @ts-expect-error no such field
export class Wrong extends Model<Wrong>()(fields, { ordering: ['nam'] }) {}
// @ts-expect-error a number is no order
export class Numbered extends Model<Numbered>()(fields, { ordering: [3] }) {}
