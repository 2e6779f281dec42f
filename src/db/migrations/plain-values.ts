/** What a state holds of values that are instances of a project's own classes. */

type Class = abstract new (...args: never[]) => object

const converters = new Map<unknown, (value: object) => unknown>()

/**
 * Says what migrations write of instances of a class, in a default or an option of a field: text, numbers, lists and plain
 * objects. Fields that have a conversion of their own need none.
 *
 *     registerMigrationValue(Money, (money) => `${money.amount} ${money.currency}`)
 */
export function registerMigrationValue<C extends Class>(type: C, toPlain: (value: InstanceType<C>) => unknown): void {
  converters.set(type.prototype, toPlain as (value: object) => unknown) // called with instances of the class alone
}

/** The data registered for an instance's class, or one it extends; null where there is none. */
export function convertedValue(value: object): { readonly plain: unknown } | null {
  for (let at: unknown = Object.getPrototypeOf(value); at !== null; at = Object.getPrototypeOf(at)) {
    const toPlain = converters.get(at)
    if (toPlain !== undefined) return { plain: toPlain(value) }
  }
  return null
}
