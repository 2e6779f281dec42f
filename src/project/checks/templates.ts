import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { shortPath } from '../../checks/imports.ts'
import { type Check, type Finding, finding } from '../../checks/index.ts'
import { findStatic } from '../../http/index.ts'
import { nearest } from '../../std/text.ts'
import { type Engine, TemplateSyntaxError, templates } from '../../templates/index.ts'
import { routeNames } from '../../urls/internal.ts'
import type { Project } from '../project.ts'
import { staticDirectories } from '../rooms/static.ts'
import { templateDirectories } from '../rooms/templates.ts'

/** A template, and the file that is taken for it. */
interface Found {
  readonly name: string
  readonly file: string
}

/**
 * templates.E001: a template that cannot be compiled. E002: it extends or includes one that is not there. E003: it links
 * to a URL nobody has named. W001: a static file that is not there. Each with its line; names that are worked out when a
 * page is rendered are not known here.
 */
export function templatesCompile(project: Project): Check {
  const { settings, apps, root } = project
  return async function templatesCompile() {
    const all = new Map<string, string>()
    for (const folder of templateDirectories(settings, apps))
      for (const name of await templatesIn(folder)) if (!all.has(name)) all.set(name, join(folder, name))
    const engine = templates()
    const urls = routeNames()
    const found: Finding[] = []
    for (const [name, file] of all) {
      const error = engine.check(name)
      if (error !== null) found.push(unreadable(error, name, file, root))
      // What a package names is its own affair: its pages may not be part of this project.
      else if (isOurs(file, root))
        found.push(...(await lostNames({ name, file }, { engine, urls, project, names: [...all.keys()] })))
    }
    return found
  }
}

function isOurs(file: string, root: string): boolean {
  return !relative(root, file).startsWith('..') && !file.includes(`${sep}node_modules${sep}`)
}

function unreadable(error: TemplateSyntaxError, name: string, file: string, root: string): Finding {
  const hint = error.hint === undefined ? {} : { hint: error.hint }
  const line = error.line === null ? '' : `:${error.line}`
  return finding('error', 'templates.E001', error.message, {
    object: `${name}${line}`,
    ...(isOurs(file, root) ? { place: `${shortPath(root, file)}${line}` } : {}),
    ...hint,
  })
}

interface Known {
  readonly engine: Engine
  readonly urls: readonly string[] | null
  readonly project: Project
  readonly names: readonly string[]
}

async function lostNames({ name, file }: Found, { engine, urls, project, names }: Known): Promise<Finding[]> {
  const { settings, apps, root } = project
  const found: Finding[] = []
  for (const { kind, name: named, line } of engine.references(name)) {
    const where = { object: `${name}:${line}`, place: `${shortPath(root, file)}:${line}` }
    const near = (list: readonly string[], otherwise: string) => {
      const meant = nearest(named, list)
      return { ...where, hint: meant === null ? otherwise : `Did you mean "${meant}"?` }
    }
    if (kind === 'url') {
      if (urls !== null && !urls.includes(named) && !urls.includes(camelCase(named)))
        found.push(
          finding(
            'error',
            'templates.E003',
            `{% url %} names "${named}", which no route is called.`,
            near(urls, 'Run: nuages listurls'),
          ),
        )
    } else if (kind === 'static') {
      if (!/[?#]/.test(named) && (await findStatic(staticDirectories(settings, apps), named)) === null)
        found.push(
          finding('warning', 'templates.W001', `{% static %} names "${named}", which is in no static folder.`, {
            ...where,
            hint: 'Put it into static/ of an app, or into one of staticDirs.',
          }),
        )
    } else if (!exists(engine, named))
      found.push(
        finding(
          'error',
          'templates.E002',
          `{% ${kind} %} names the template "${named}", which does not exist.`,
          near(names, 'Templates are in templates/ of the project and of its apps.'),
        ),
      )
  }
  return found
}

/** One that exists and cannot be compiled is told in its own place. */
function exists(engine: Engine, name: string): boolean {
  try {
    return engine.has(name)
  } catch (error) {
    if (error instanceof TemplateSyntaxError) return true
    throw error
  }
}

/** As links read it: `book-detail` and `book_detail` are `bookDetail`. */
function camelCase(name: string): string {
  return name.replace(/[-_]+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
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
