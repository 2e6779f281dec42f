/** What XML says of a field beside its value, as Django says it: `type="CharField"`, `rel="ManyToOneRel" to="shop.author"`. */
import type { ScalarKind } from '../kinds.ts'
import { isArrayKind, RANGE_ENDS } from '../kinds.ts'
import type { FieldMeta } from '../models/meta.ts'
import { fieldsByName, fixtureLabel, type ModelNames } from './names.ts'

/** Of one field. */
export interface FieldWords {
  /** Django's name of its type. Of a relation: empty. */
  readonly type: string
  /** Django's name of the relation; null for a plain field. */
  readonly rel: 'ManyToOneRel' | 'OneToOneRel' | 'ManyToManyRel' | null
  /** The model a relation leads to. */
  readonly to: string
  /** That model's key has several columns: a list is that key, not a natural one. */
  readonly isWide: boolean
}

const TYPES: Readonly<Record<ScalarKind, string>> = {
  auto: 'BigAutoField',
  char: 'CharField',
  text: 'TextField',
  integer: 'IntegerField',
  smallInteger: 'SmallIntegerField',
  bigInteger: 'BigIntegerField',
  float: 'FloatField',
  decimal: 'DecimalField',
  boolean: 'BooleanField',
  date: 'DateField',
  time: 'TimeField',
  duration: 'DurationField',
  dateTime: 'DateTimeField',
  json: 'JSONField',
  uuid: 'UUIDField',
  binary: 'BinaryField',
}
const RELATIONS = { foreignKey: 'ManyToOneRel', oneToOne: 'OneToOneRel', manyToMany: 'ManyToManyRel' } as const

const PLAIN = { rel: null, to: '', isWide: false } as const

function wordsOf(field: FieldMeta): FieldWords {
  const { relation, kind } = field
  if (relation !== null) {
    const rel = RELATIONS[relation.type as keyof typeof RELATIONS] // fixtures hold no other relations
    return { type: '', rel, to: fixtureLabel(relation.target.meta), isWide: relation.target.meta.pk.length > 1 }
  }
  if (isArrayKind(kind)) return { type: 'ArrayField', ...PLAIN }
  const name =
    kind !== null && Object.hasOwn(RANGE_ENDS, kind) ? `${kind[0]!.toUpperCase()}${kind.slice(1)}Field` : null
  return { type: name ?? TYPES[kind as ScalarKind], ...PLAIN } // neither array nor range
}

/** The words of a model's fields by the names in fixtures; none for a label that no model has. */
export function fieldWords(names: ModelNames, label: string): ReadonlyMap<string, FieldWords> {
  const model = names.find(label)
  if (model === null) return new Map()
  return new Map(Array.from(fieldsByName(model.meta), ([name, field]) => [name, wordsOf(field)]))
}
