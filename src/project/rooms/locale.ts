/** Translations in files: `locale/<language>.json` of the apps and of the project. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AppRegistry } from '../../apps/index.ts'
import { type Check, type Finding, finding } from '../../checks/index.ts'
import type { ResolvedSettings } from '../../conf/index.ts'
import type { Catalog } from '../../i18n/index.ts'
import { isLanguageTag } from '../../std/locale.ts'

/** The folders with translations, the most important last: apps from the last to the first, then the project's own. */
export function localeFolders(settings: ResolvedSettings, apps: AppRegistry): string[] {
  return [...apps.apps.map((app) => app.root).toReversed(), settings.root].map((root) => join(root, 'locale'))
}

/** Gives the catalogs of a language out of these folders; what cannot be read is left to {@link localeCheck}. */
export function readCatalogs(folders: readonly string[], tag: string): Catalog[] {
  // `fr-CA.json`, and as gettext spells it `fr_CA.json`.
  const names = new Set([tag, tag.replaceAll('-', '_')])
  return folders
    .flatMap((folder) => [...names].map((name) => join(folder, `${name}.json`)))
    .filter((path) => existsSync(path))
    .map((path) => readCatalog(path).catalog)
}

/** i18n.E001: a file of translations that is none. */
export function localeCheck(folders: readonly string[]): Check {
  return function localeCheck() {
    return folders.flatMap((folder) => {
      if (!existsSync(folder)) return []
      return readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .flatMap((name) => checkFile(join(folder, name), name.slice(0, -'.json'.length)))
    })
  }
}

function checkFile(path: string, tag: string): Finding[] {
  const problems = isLanguageTag(tag.replaceAll('_', '-')) ? [] : [`${JSON.stringify(tag)} is not a language tag.`]
  problems.push(...readCatalog(path).problems)
  return problems.map((problem) =>
    finding('error', 'i18n.E001', `The translations in ${path} cannot be used: ${problem}`, {
      object: path,
      hint: 'The file is named for its language (fr.json, pt-BR.json): {"message": "translation", "one {n}": ["…", "…"]}.',
    }),
  )
}

/** A file's messages that are right, and what is wrong with the others. */
function readCatalog(path: string): { catalog: Catalog; problems: string[] } {
  const problems: string[] = []
  const catalog: Record<string, string | readonly string[]> = {}
  let found: unknown
  try {
    found = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''))
  } catch (error) {
    return { catalog, problems: [(error as Error).message] }
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found))
    return { catalog, problems: ['it holds no object of messages.'] }
  for (const [message, text] of Object.entries(found)) {
    if (isTranslation(text)) catalog[message] = text
    else problems.push(`the translation of ${JSON.stringify(message)} is neither text nor a list of plural forms.`)
  }
  return { catalog, problems }
}

function isTranslation(text: unknown): text is string | readonly string[] {
  return (
    typeof text === 'string' ||
    (Array.isArray(text) && text.length > 0 && text.every((form) => typeof form === 'string'))
  )
}
