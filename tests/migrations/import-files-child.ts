/** Imports the files of a folder, `together` or `apart`, and prints what each exports or what was wrong with it. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { importFiles } from '../../src/db/migrations/import-files.ts'
import { describeThrown } from '../../src/std/describe.ts'

const [how, folder = ''] = process.argv.slice(2)
const names = readdirSync(folder).sort()
const files = names.map((name) => join(folder, name))
const importOne =
  how === 'together' ? await importFiles(files) : (file: string) => import(pathToFileURL(file).href) as Promise<object>
const ran = (): readonly string[] => (globalThis as { ran?: string[] }).ran ?? [] // the files write it
const first = [...ran()]
const told: [name: string, what: unknown][] = []
for (const [i, file] of files.entries()) {
  // Frames of the importing code differ, those of the file must not.
  const frames = (text: string) => text.replace(/\n {4}at (async )?file:.*import-files(-child)?\.ts.*/g, '')
  const what = await importOne(file).catch((error: unknown) => ({ error: frames(describeThrown(error)) }))
  told.push([names[i]!, { ...what }])
}
console.log(JSON.stringify({ told, ran: ran(), first }))
