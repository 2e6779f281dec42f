/** `nuages build`: a project as a folder that runs without TypeScript. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import type { Project } from '../../project/index.ts'
import { CommandError } from '../errors.ts'
import { packageVersion } from '../version.ts'
import { builtName, isTypeScript, toJavaScript } from './code.ts'
import { MANIFEST, mayBuildInto, projectFiles, removeEarlier, stem } from './files.ts'

/** What is in a build: `nuages.json` of its folder. */
export interface BuildManifest {
  readonly nuages: string
  /** In the order of the settings; `root` is relative to the build, null for an app of a package. */
  readonly apps: readonly BuiltApp[]
  /** Every file, so that the next build can remove what is no longer there. */
  readonly files: readonly string[]
}

/** What the build holds of an app, by the names these things are called by. */
export interface BuiltApp {
  readonly name: string
  readonly root: string | null
  readonly migrations: readonly string[]
  readonly commands: readonly string[]
  readonly templates: readonly string[]
}

/**
 * Writes the project into the folder `out`.
 *
 * @throws CommandError cli.cannot-build, cli.not-a-build when the folder holds something else
 */
export function buildProject(project: Project, out: string): BuildManifest {
  const { root, settings } = project
  if (!mayBuildInto(out) || out === root || root.startsWith(out + sep))
    throw new CommandError(`${out} holds something that is no build.`, {
      code: 'cli.not-a-build',
      hint: 'Name an empty or a new folder with --out, or empty this one.',
    })
  const sources = projectFiles(root, [out, settings.staticRoot, settings.mediaRoot])
  const known = new Set(sources.map((path) => join(root, path)))
  // All is read before the first file is written: a mistake leaves the earlier build as it was.
  const written = sources.map((path) => [path, content(join(root, path), known)] as const)
  removeEarlier(out)
  for (const [path, code] of written) {
    const target = join(out, builtName(path))
    mkdirSync(dirname(target), { recursive: true })
    if (code === null) cpSync(join(root, path), target)
    else writeFileSync(target, code)
  }
  const files = sources.map(builtName)
  const manifest = { nuages: packageVersion(), apps: project.apps.apps.map((app) => describe(app, root, files)), files }
  writeFileSync(join(out, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
  return manifest
}

/** The text to be written; null where the file is copied as it is. */
function content(path: string, known: ReadonlySet<string>): string | null {
  if (isTypeScript(path)) return toJavaScript(readFileSync(path, 'utf8'), path, (other) => known.has(other))
  return path.endsWith('package.json') ? builtPackage(readFileSync(path, 'utf8')) : null
}

/** Subpath imports (`#models`) name files too. */
function builtPackage(text: string): string {
  const { imports, ...rest } = JSON.parse(text) as { imports?: unknown }
  if (imports === undefined) return text
  const built = JSON.stringify(imports).replace(/("\.[^"]*?)\.(m?)ts"/g, '$1.$2js"')
  return `${JSON.stringify({ ...rest, imports: JSON.parse(built) }, null, 2)}\n`
}

function describe({ name, root: folder }: { name: string; root: string }, root: string, files: string[]): BuiltApp {
  const own = relative(root, folder)
  const inside = !own.startsWith('..') && !own.split(sep).includes('node_modules')
  const below = (part: string) => {
    const start = `${join(own, part)}${sep}`
    return inside ? files.filter((path) => path.startsWith(start)).map((path) => path.slice(start.length)) : []
  }
  return {
    name,
    root: inside ? own || '.' : null,
    migrations: below('migrations')
      .filter((path) => /^\d{4}_\w+\.m?js$/.test(path))
      .map(stem),
    commands: below('commands')
      .filter((path) => /^[^._/]+\.m?js$/.test(path))
      .map(stem),
    templates: below('templates'),
  }
}
