/** Names on disk that clash, or that a database would cut: db.E020, db.E021. */
import { type Finding, finding } from '../checks/index.ts'
import type { AnyModel, ModelMeta } from './models/meta.ts'
import { isShort } from './models/names.ts'

/** Names that no database keeps whole; those that Nuages makes are short, those of people are told. */
export function checkLengths(meta: ModelMeta): Finding[] {
  if (!meta.managed) return []
  const names = [`table ${meta.table}`, ...meta.columns.map(({ column }) => `column ${column}`)]
  return names
    .filter((each) => !isShort(each.slice(each.indexOf(' ') + 1)))
    .map((each) =>
      finding('error', 'db.E021', `The name of the ${each} is longer than 63 bytes.`, {
        object: meta.label,
        hint: `PostgreSQL would cut it. Give it a shorter ${each.startsWith('table') ? 'dbTable' : 'dbColumn'}.`,
      }),
    )
}

/** Names of two models' indexes or constraints: one database has both, and SQLite and PostgreSQL one name for all tables. */
export function checkNames(models: readonly AnyModel[]): Finding[] {
  const owners = new Map<string, AnyModel>()
  const found: Finding[] = []
  for (const model of models) {
    const { meta } = model
    if (meta.proxy || !meta.managed) continue
    for (const name of namesOf(meta)) {
      const owner = owners.get(name) ?? model
      owners.set(name, owner)
      if (owner === model) continue
      found.push(
        finding(
          'error',
          'db.E020',
          `An index or constraint of ${owner.meta.label} and one of ${meta.label} are called ${name}.`,
          {
            object: meta.label,
            hint: 'Rename one; of an abstract base, put {app} and {model} into the name, or leave the name out.',
          },
        ),
      )
    }
  }
  return found
}

/** None of a model that cannot be read, which says so itself. */
function namesOf(meta: ModelMeta): readonly string[] {
  try {
    return [...meta.indexes, ...meta.constraints].map((each) => each.name)
  } catch {
    return []
  }
}
