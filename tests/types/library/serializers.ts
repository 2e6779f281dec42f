/** Fixtures: what a natural key may name, and what serializers take. */
import { char, foreignKey, Model } from 'nuages/db'
import { deserialize, serialize } from 'nuages/db/serializers'

class Land extends Model<Land>()({ code: char({ maxLength: 2 }) }, { naturalKey: ['code'] }) {}
class Town extends Model<Town>()(
  { name: char({ maxLength: 9 }), land: () => foreignKey(Land, { onDelete: 'cascade' }) },
  { naturalKey: ['name', 'land'] },
) {}
// @ts-expect-error "cod" is no field
class Wrong extends Model<Wrong>()({ code: char({ maxLength: 2 }) }, { naturalKey: ['cod'] }) {}

export const texts: Promise<string>[] = [
  serialize('json', Town.objects.filter({ name: 'x' }), { useNaturalForeignKeys: true, indent: 2 }),
  serialize('jsonl', [new Town()]),
  // @ts-expect-error rows of values() are no instances
  serialize('json', 3),
  // @ts-expect-error options are named as they are
  serialize('json', [], { naturalForeign: true }),
]
export async function first(text: string): Promise<object | undefined> {
  for await (const row of deserialize('json', text, { ignoreNonexistent: true })) return row.instance
  return Wrong
}
