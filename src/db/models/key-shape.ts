/**
 * How many columns a model's key has, and what they are called, told from declarations alone: models may point to
 * each other, and a foreign key must know its columns before the other model's fields are there.
 */
import { camelToSnake, capitalize } from '../../std/text.ts'
import { ModelError } from '../errors.ts'
import { type Descriptor, isDescriptor } from '../fields/descriptor.ts'
import { type Definition, definitionOf, lineage } from './definition.ts'

/** A column of a key. */
export interface KeyColumn {
  readonly attname: string
  readonly column: string
}

const shapes = new WeakMap<Definition, readonly KeyColumn[]>()
const busy = new Set<Definition>()

/** The columns of a model's key, in order. */
function keyShape(definition: Definition): readonly KeyColumn[] {
  const known = shapes.get(definition)
  if (known !== undefined) return known
  if (busy.has(definition)) {
    throw new ModelError('The keys of some models are made of each other.', {
      code: 'db.bad-relation',
      hint: 'Give one of them a key that holds no foreign key to the other.',
    })
  }
  busy.add(definition)
  try {
    const shape = Object.freeze(readShape(definition))
    shapes.set(definition, shape)
    return shape
  } finally {
    busy.delete(definition)
  }
}

function readShape(definition: Definition): KeyColumn[] {
  const declared = new Map<string, Descriptor>()
  for (const { fields } of lineage(definition)) {
    for (const [name, value] of Object.entries(fields)) {
      const descriptor: unknown = typeof value === 'function' ? (value as () => unknown)() : value
      if (isDescriptor(descriptor)) declared.set(name, descriptor)
    }
  }
  const names =
    keyNames(definition) ?? [...declared.keys()].filter((name) => declared.get(name)!.options.primaryKey === true)
  if (names.length === 0) return [{ attname: 'id', column: 'id' }]
  return names.flatMap((name) => {
    const descriptor = declared.get(name)
    if (descriptor === undefined) return [] // told when the model's fields are resolved
    if (isKey(descriptor)) return keyColumns(name, descriptor, definition)
    return [{ attname: name, column: textOr(descriptor.options.dbColumn, camelToSnake(name)) }]
  })
}

/** `primaryKey` of the model's options, or of the nearest abstract base that has it. */
export function keyNames(definition: Definition): readonly string[] | undefined {
  return lineage(definition).findLast((each) => each.options.primaryKey !== undefined)?.options.primaryKey
}

function isKey({ relation }: Descriptor): boolean {
  return relation?.type === 'foreignKey' || relation?.type === 'oneToOne'
}

/**
 * The columns of a foreign key: `authorId`, or one for each of the target's key: `orderTenantId`, `orderNumber`.
 * @param holder   the model that declares it
 */
export function keyColumns(name: string, descriptor: Descriptor, holder: Definition): readonly KeyColumn[] {
  const { dbColumn, toField } = descriptor.options
  const prefix = camelToSnake(name)
  const target = toField === undefined ? targetOf(descriptor, holder) : undefined
  const shape = target === undefined ? [] : keyShape(target)
  if (shape.length <= 1) return [{ attname: `${name}Id`, column: textOr(dbColumn, `${prefix}_id`) }]
  const given = Array.isArray(dbColumn) ? (dbColumn as readonly unknown[]) : []
  return shape.map(({ attname, column }, i) => ({
    attname: name + capitalize(attname),
    column: textOr(given[i], `${prefix}_${column}`),
  }))
}

/** The definition that a relation leads to; undefined where it leads nowhere yet, which is told later. */
function targetOf({ relation }: Descriptor, holder: Definition): Definition | undefined {
  const { target } = relation!
  if (typeof target === 'string') {
    const model = target === 'self' ? holder.bound?.model : holder.registry.find(target)
    return model === undefined || model === null ? undefined : definitionOf(model)
  }
  return typeof target === 'function' ? definitionOf(target) : undefined
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback
}
