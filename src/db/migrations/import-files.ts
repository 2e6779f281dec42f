import { pathToFileURL } from 'node:url'

/** What a module exports, as far as a migration's file matters. */
export interface Imported {
  readonly default?: unknown
}

/** Vitest has modules of its own: what Node loaded beside them would be of another copy of the framework. */
const isNode = !('env' in import.meta)

/**
 * Imports files, in their order: gives a function that gives the module of one, or throws what is wrong with it.
 *
 * One module that imports them all is made and imported: Node goes through the graph of all that a module imports at
 * every `import()`, and each migration imports the framework. 500 files cost a third of 500 times `import()` so. Which
 * of them is broken is not to be told from that; then, and under Vitest, they are imported one by one. No module runs
 * twice: Node keeps them, also those that failed.
 */
export async function importFiles(files: readonly string[]): Promise<(file: string) => Promise<Imported>> {
  const together = isNode ? await importTogether(files).catch(() => null) : null
  return async (file) => together?.get(file) ?? import(/* @vite-ignore */ pathToFileURL(file).href)
}

async function importTogether(files: readonly string[]): Promise<ReadonlyMap<string, Imported>> {
  const lines = files.map((file, i) => `import * as m${i} from ${JSON.stringify(pathToFileURL(file).href)}`)
  const text = `${lines.join('\n')}\nexport default [${files.map((_, i) => `m${i}`).join()}]`
  const { default: modules } = (await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(text)}`
  )) as { default: readonly Imported[] } // as written above
  return new Map(files.map((file, i) => [file, modules[i]!]))
}
