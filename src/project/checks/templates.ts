import { readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { type Check, type Finding, finding } from '../../checks/index.ts'
import { templates } from '../../templates/index.ts'
import type { Project } from '../project.ts'
import { templateDirectories } from '../rooms/templates.ts'

/** templates.E001: a template that cannot be compiled, with its line. */
export function templatesCompile({ settings, apps }: Project): Check {
  return async function templatesCompile() {
    const found: Finding[] = []
    const names = await Promise.all(templateDirectories(settings, apps).map(templatesIn))
    for (const name of new Set(names.flat())) {
      const error = templates().check(name)
      if (error === null) continue
      const object = error.line === null ? name : `${name}:${error.line}`
      const hint = error.hint === undefined ? {} : { hint: error.hint }
      found.push(finding('error', 'templates.E001', error.message, { object, ...hint }))
    }
    return found
  }
}

/** Names of the templates below a folder; none where there is no folder. */
async function templatesIn(folder: string): Promise<string[]> {
  try {
    const files = await readdir(folder, { recursive: true, withFileTypes: true })
    return files
      .filter((file) => file.isFile() && /\.(html|txt)$/.test(file.name))
      .map((file) =>
        join(file.parentPath, file.name)
          .slice(folder.length + 1)
          .split(sep)
          .join('/'),
      )
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
