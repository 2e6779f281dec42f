/** The end of squashing: the replaced files go, and the squashed migration becomes one like any other. */
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { MigrationError } from './errors.ts'
import { type MigrationApp, type MigrationLoader, readMigrations } from './loader.ts'
import { keyOf, type Migration } from './migration.ts'
import { isSquashed, replacedBy } from './replacements.ts'

/** The files that a finished squash touched. */
export interface Finished {
  /** Files written anew, and files that went. */
  readonly changed: readonly string[]
  readonly removed: readonly string[]
}

/**
 * Takes `replaces` out of an app's squashed migrations, turns dependencies on what they replace to them, and removes the
 * replaced files.
 * @param apps   whose files may be changed
 * @param applied   keys that a database has recorded
 * @param dryRun   say what would be done
 * @throws MigrationError migrations.cannot-finish
 */
export async function finishSquash(
  loader: MigrationLoader,
  apps: readonly MigrationApp[],
  app: string,
  applied: ReadonlySet<string>,
  dryRun = false,
): Promise<Finished> {
  const squashed = loader.graph.ofApp(app).filter(isSquashed)
  const become = new Map<string, string>()
  const texts = new Map<string, string>()
  for (const one of squashed) {
    const key = keyOf(app, one.name)
    const parts = replacedBy(one, loader.files)
    const missing = parts.filter((part) => !applied.has(part))
    if (missing.length > 0 && missing.length < parts.length && !applied.has(key)) {
      throw cannotFinish(`${key} replaces ${missing.join(', ')}, which this database has not applied`, 'Migrate first.')
    }
    for (const part of [...parts, ...(one.replaces ?? []).map((each) => keyOf(...each))]) become.set(part, key)
    texts.set(one.file!, withoutReplaces(await readFile(one.file!, 'utf8'), key)) // read from a file
  }
  const gone = loader.files.filter((each) => become.has(keyOf(each.app, each.name)))
  /** Types of models that a file which stays names: code that was moved over brought them. */
  const named = new Set<string>()
  const staying = (await readMigrations(apps)).filter((each) => !gone.some(isSame(each)))
  for (const { file } of staying) {
    const text = texts.get(file!) ?? (await readFile(file!, 'utf8'))
    for (const each of gone) {
      if (new RegExp(`from ['"]\\./${each.name}\\.models\\.\\w+['"]`).test(text)) named.add(modelsOf(each.file!))
      if (!new RegExp(`from ['"]\\./${each.name}\\.\\w+['"]`).test(text)) continue
      throw cannotFinish(
        `${basename(file!)} takes code from ${basename(each.file!)}`,
        'Move the code into the squashed migration, or leave it out where no database needs it any more.',
      )
    }
    const turned = turnDependencies(text, become)
    if (turned !== text || texts.has(file!)) texts.set(file!, turned)
  }
  // Types of the models beside a migration of data go with it.
  const removed = gone
    .flatMap(({ file }) => [file!, modelsOf(file!)])
    .filter((file) => existsSync(file) && !named.has(file))
  if (!dryRun) {
    for (const [file, text] of texts) await writeFile(file, text)
    for (const file of removed) await rm(file)
  }
  return { changed: [...texts.keys()], removed }
}

/** Where the types of the models of a migration of data are. */
const modelsOf = (file: string) => file.replace(/\.\w+$/, '.models.ts')

const isSame = (one: Migration) => (other: Migration) => one.app === other.app && one.name === other.name

function withoutReplaces(text: string, key: string): string {
  const without = text.replace(/^ {2}replaces: (\[.*\]|\[\n[\s\S]*?\n {2}\]),\n/m, '')
  if (without !== text) return without
  throw cannotFinish(
    `\`replaces\` of ${key} is not written as squashmigrations writes it`,
    'Remove it by hand, then run this again.',
  )
}

/** `['library', '0002_pages']` becomes the squashed one, once. */
function turnDependencies(text: string, become: ReadonlyMap<string, string>): string {
  let turned = text
  for (const [old, now] of become) {
    const [app, name] = old.split('.') as [string, string] // a key
    const target = `['${app}', '${now.split('.')[1]}']`
    turned = turned.replace(new RegExp(`\\[\\s*['"]${app}['"],\\s*['"]${name}['"],?\\s*\\]`, 'g'), target)
  }
  return turned
}

function cannotFinish(reason: string, hint: string): MigrationError {
  return new MigrationError(`The replaced migrations cannot go: ${reason}.`, { code: 'migrations.cannot-finish', hint })
}
