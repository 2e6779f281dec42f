import { camelToSnake } from '../../std/text.ts'
import type { Operation } from './operations/operation.ts'

const LONGEST = 52

/**
 * A file's name from what it does: `initial`, `book_pages`, `rename_title_book_name`, `author_book_and_more`; `custom` when
 * its operations have nothing to say. As in django/db/migrations/migration.py, but without a time: the same change has one name.
 */
export function suggestName(operations: readonly Operation[], initial: boolean): string {
  if (initial) return 'initial'
  const fragments = operations.flatMap((operation) => operation.fragment ?? [])
  if (fragments.length === 0) return 'custom'
  let name = clean(fragments[0]!)
  for (const fragment of fragments.slice(1)) {
    const longer = `${name}_${clean(fragment)}`
    if (longer.length > LONGEST) return `${name}_and_more`
    name = longer
  }
  return name
}

/**
 * The next number of an app, four digits, after the given names. A squashed one counts as the last that it replaces:
 * `0002_pages_squashed_0003_author` as 3.
 */
export function nextNumber(names: Iterable<string>): string {
  let last = 0
  for (const name of names) {
    const squashed = /.*_squashed_(\d+)/.exec(name)?.[1]
    last = Math.max(last, Number.parseInt(squashed ?? name, 10) || 0)
  }
  return String(last + 1).padStart(4, '0')
}

const LONGEST_MERGE = 47

/**
 * Name of a merge: `merge_0002_pages_0002_author`. Names that are too long together lose their last words:
 * `merge_0002_alter_author_name_0002_book_pages`. The same branches always give the same.
 */
export function mergeName(leaves: readonly string[]): string {
  const words = [...leaves].sort().map((leaf) => leaf.split('_'))
  const name = () => `merge_${words.map((each) => each.join('_')).join('_')}`
  const length = (each: readonly string[]) => each.join('_').length
  while (name().length > LONGEST_MERGE) {
    const longest = words.reduce((one, other) => (length(other) > length(one) ? other : one))
    if (longest.length === 1) break // nothing but numbers is left
    longest.pop()
  }
  return name()
}

function clean(fragment: string): string {
  return camelToSnake(fragment)
    .replace(/\W+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, LONGEST)
}
