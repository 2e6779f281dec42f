/**
 * Builders without types: for historical models in migrations, whose fields come from data and whose relations name
 * their target by label.
 */

import { declareArray } from './arrays.ts'
import { date, dateTime, duration, time } from './dates.ts'
import { Descriptor, type FieldType, type RelationDeclaration } from './descriptor.ts'
import { declareGenerated } from './generated.ts'
import { ipAddress } from './ip.ts'
import { autoId, bigInteger, decimal, float, integer, smallInteger } from './numbers.ts'
import { binary, boolean, choice, json, uuid } from './others.ts'
import { bigIntegerRange, dateRange, dateTimeRange, decimalRange, integerRange } from './ranges.ts'
import { tsvectorType } from './search-vectors.ts'
import { char, email, slug, text, url } from './text.ts'
import { vector } from './vectors.ts'

/** A builder, by what it gives. */
export type FieldBuilder = (...args: readonly unknown[]) => Descriptor

function relation(type: RelationDeclaration['type']): FieldBuilder {
  return (target, options) => new Descriptor(null, options as FieldType['defaults'], { type, target, via: null }) // from a file of ours
}
/** The typed builder, seen without its types. */
const plain = (builder: unknown): FieldBuilder => builder as FieldBuilder

/** Every builder by the name that `deconstruct()` gives. */
export const fieldBuilders: Readonly<Record<string, FieldBuilder>> = Object.freeze({
  autoId: plain(autoId),
  char: plain(char),
  text: plain(text),
  slug: plain(slug),
  email: plain(email),
  url: plain(url),
  ipAddress: plain(ipAddress),
  integer: plain(integer),
  smallInteger: plain(smallInteger),
  bigInteger: plain(bigInteger),
  float: plain(float),
  decimal: plain(decimal),
  boolean: plain(boolean),
  date: plain(date),
  time: plain(time),
  dateTime: plain(dateTime),
  duration: plain(duration),
  json: plain(json),
  uuid: plain(uuid),
  binary: plain(binary),
  choice: plain(choice),
  array: (element, options) => {
    const { builder, args } = element as { builder: string; args: readonly unknown[] } // from a file of ours
    return declareArray<Descriptor>(fieldBuilders[builder]!(...args), options as object | undefined)
  },
  vector: plain(vector),
  tsvector: () => new Descriptor(tsvectorType, { null: true }),
  integerRange: plain(integerRange),
  bigIntegerRange: plain(bigIntegerRange),
  decimalRange: plain(decimalRange),
  dateRange: plain(dateRange),
  dateTimeRange: plain(dateTimeRange),
  generated: (expression, options) => {
    const { output, ...rest } = options as { readonly output: { builder: string; args: readonly unknown[] } } // from a file of ours
    return declareGenerated<Descriptor>(expression, { ...rest, output: fieldBuilders[output.builder]!(...output.args) })
  },
  foreignKey: relation('foreignKey'),
  oneToOne: relation('oneToOne'),
  manyToMany: relation('manyToMany'),
})
