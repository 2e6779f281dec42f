/**
 * `migrations/latest.txt`: the name of an app's last migration, one line. Two branches that both add a migration change that
 * line, so that git tells of the conflict which two new files would hide.
 */
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { migrationsFolder } from './loader.ts'

const FILE = 'latest.txt'

/** Says which migration is an app's last. */
export async function writeLatest(app: { readonly root: string }, name: string): Promise<void> {
  await writeFile(join(migrationsFolder(app), FILE), `${name}\n`)
}

/**
 * What is wrong with the file, as a sentence; null where it names the last migration, or where there is none.
 * @param leaves   the last migrations of the app
 */
export function latestProblem(
  app: { readonly name: string; readonly root: string },
  leaves: readonly string[],
): string | null {
  const path = join(migrationsFolder(app), FILE)
  if (!existsSync(path)) return null
  const text = readFileSync(path, 'utf8').trim()
  if (/^(<<<<<<<|=======|>>>>>>>)/m.test(text)) {
    return `migrations/${FILE} of ${app.name} holds a conflict: two branches added a migration.`
  }
  if (leaves.includes(text)) return null
  return `migrations/${FILE} of ${app.name} names ${JSON.stringify(text)}, and the last migration is ${leaves.join(' and ') || 'none'}.`
}
