import { existsSync, readFileSync } from 'node:fs'
import { shortPath, sourcesIn } from '../../checks/imports.ts'
import { type Check, finding } from '../../checks/index.ts'
import type { Project } from '../project.ts'

const MODEL = /^(?:export\s+)?(?:default\s+)?class\s+(\w+)\s+extends\s+Model<\s*\1\s*>\(\)\(/gm
/** What makemigrations writes beside a migration of data: models of back then, for the compiler alone. */
const TYPES_OF_MIGRATION = /[\\/]migrations[\\/][^\\/]+\.models\.[cm]?[jt]s$/

/**
 * apps.W002: a model written in an app's folder that no app lists. It has no table and no migration, and would be found
 * missing only where it is used first.
 */
export function unlistedModels({ apps, root }: Project): Check {
  return function unlistedModels() {
    const listed = new Set(apps.models().map(({ model }) => model.name))
    const own = apps.apps.filter((app) => existsSync(app.root) && !/[\\/]node_modules[\\/]/.test(app.root))
    const files = new Map(own.flatMap((app) => sourcesIn(app.root, 'code').map((file) => [file, app] as const)))
    const written = [...files].filter(([file]) => !TYPES_OF_MIGRATION.test(file))
    return written.flatMap(([file, app]) => {
      const text = readFileSync(file, 'utf8')
      return [...text.matchAll(MODEL)]
        .filter(([, name]) => !listed.has(name!))
        .map((match) =>
          finding('warning', 'apps.W002', `The model ${match[1]} is listed by no app: it has no table.`, {
            object: app.name,
            place: `${shortPath(root, file)}:${text.slice(0, match.index).split('\n').length}`,
            hint: `Add it to the models of an app: defineApp({ name: '${app.name}', models: { ${match[1]} } }).`,
          }),
        )
    })
  }
}
