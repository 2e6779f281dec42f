/** Names on a command line, `library` or `library.Book`, as models. */
import { CommandError } from '../../cli/index.ts'
import { t } from '../../i18n/index.ts'
import { nearest } from '../../std/text.ts'
import type { AnyModel } from '../models/meta.ts'

/** The part of a project that is read. */
interface Apps {
  readonly apps: {
    readonly apps: readonly { readonly name: string; readonly models: Readonly<Record<string, AnyModel>> }[]
  }
}

/**
 * The models of labels, in order of the apps; all of them without any.
 * @throws CommandError db.unknown-label
 */
export function modelsOf(project: Apps, labels: readonly string[], exclude: readonly string[] = []): AnyModel[] {
  const { apps } = project.apps
  const all = apps.flatMap((app) => Object.values(app.models).filter(({ meta }) => !meta.proxy))
  const named = (label: string): AnyModel[] => {
    const wanted = label.toLowerCase()
    const app = apps.find((each) => each.name === wanted)
    if (app !== undefined) return Object.values(app.models).filter(({ meta }) => !meta.proxy)
    const model = all.find(({ meta }) => meta.label.toLowerCase() === wanted)
    if (model !== undefined) return [model]
    const near = nearest(label, [...apps.map((each) => each.name), ...all.map(({ meta }) => meta.label)])
    throw new CommandError(t('There is no app or model "{label}".', { label }), {
      code: 'db.unknown-label',
      hint:
        near === null
          ? `Apps: ${apps.map((each) => each.name).join(', ')}. A model is named app.Model.`
          : `Did you mean "${near}"?`,
    })
  }
  const wanted = new Set(labels.length === 0 ? all : labels.flatMap(named))
  for (const model of exclude.flatMap(named)) wanted.delete(model)
  return all.filter((model) => wanted.has(model))
}
