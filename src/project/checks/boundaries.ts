/** The setting `boundaries`: which app of a project may import which. */
import { existsSync, realpathSync } from 'node:fs'
import { sep } from 'node:path'
import type { App } from '../../apps/index.ts'
import { cycles, type Import, importsOf, shortPath, sourcesIn } from '../../checks/imports.ts'
import { type Check, type Finding, finding } from '../../checks/index.ts'
import { nearest } from '../../std/text.ts'
import type { Project } from '../project.ts'

/** An import of one app's file from another's. */
interface Crossing {
  readonly from: App
  readonly to: App
  readonly edge: Import
}

/**
 * boundaries.E001: an app imports one it may not. boundaries.E002: the setting names no app. boundaries.W001: files
 * import one another in a circle. boundaries.W002: apps do. Nothing without the setting; static imports count, types and
 * tests do not.
 */
export function boundariesCheck({ settings, apps, root }: Project): Check {
  return function boundaries() {
    const allowed = settings.boundaries
    if (allowed === null) return []
    const own = apps.apps.filter((app) => isOurs(app, root))
    const imports = own.flatMap((app) => sourcesOf(app, own).flatMap((file) => importsOf(file)))
    const crossings = crossingsOf(imports, own, apps.apps)
    const names = apps.apps.map(({ name }) => name)
    return [
      ...unknownNames(allowed, names),
      ...forbidden(crossings, allowed, root),
      ...circlesOfFiles(imports, root),
      ...circlesOfApps(crossings, root),
    ]
  }
}

/** Apps that are written here; packages answer for themselves. */
function isOurs(app: App, root: string): boolean {
  return existsSync(app.root) && within(app.root, root) && !app.root.includes(`${sep}node_modules${sep}`)
}

/** An app's own files: not those of an app whose folder lies in its own. */
function sourcesOf(app: App, all: readonly App[]): string[] {
  const inner = all.filter((other) => other !== app && within(other.root, app.root))
  return sourcesIn(app.root, 'code').filter((file) => !inner.some((other) => within(file, other.root)))
}

function within(path: string, folder: string): boolean {
  const base = folder.endsWith(sep) ? folder : folder + sep
  return path === folder || path.startsWith(base)
}

function crossingsOf(imports: readonly Import[], own: readonly App[], all: readonly App[]): Crossing[] {
  // The longest folder first: an app may lie inside another.
  const byFolder = [...own].sort((a, b) => b.root.length - a.root.length)
  const appOf = (file: string) => byFolder.find(({ root }) => within(file, root))
  const packages = all.flatMap((app) => {
    const match = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(realPath(app.root)) ?? null
    return match === null ? [] : [[match[1]!.replaceAll('\\', '/'), app] as const]
  })
  const packageOf = (name: string) => packages.find(([each]) => name === each || name.startsWith(`${each}/`))?.[1]
  return imports.flatMap((edge) => {
    const from = appOf(edge.from)
    const to = edge.isPackage ? packageOf(edge.to) : appOf(edge.to)
    return from === undefined || to === undefined || from === to ? [] : [{ from, to, edge }]
  })
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

type Boundaries = Readonly<Record<string, readonly string[]>>

function unknownNames(allowed: Boundaries, names: readonly string[]): Finding[] {
  const written = Object.entries(allowed).flatMap(([app, others]) => [
    [`settings.boundaries.${app}`, app] as const,
    ...others.map((other) => [`settings.boundaries.${app}`, other] as const),
  ])
  return written
    .filter(([, name]) => !names.includes(name))
    .map(([object, name]) => {
      const meant = nearest(name, names)
      return finding('error', 'boundaries.E002', `The setting boundaries names "${name}", which is no app here.`, {
        object,
        hint: meant === null ? `Apps: ${names.join(', ')}.` : `Did you mean "${meant}"?`,
      })
    })
}

function forbidden(crossings: readonly Crossing[], allowed: Boundaries, root: string): Finding[] {
  return crossings
    .filter(({ from, to }) => Object.hasOwn(allowed, from.name) && !allowed[from.name]!.includes(to.name))
    .map(({ from, to, edge }) =>
      finding('error', 'boundaries.E001', `${from.name} imports ${to.name}, which its boundaries do not allow.`, {
        object: from.name,
        place: `${shortPath(root, edge.from)}:${edge.line}`,
        hint: `Move what both need to a third app, use a signal or a label such as "${to.name}.Model", or add "${to.name}" to boundaries.${from.name} in your settings.`,
      }),
    )
}

function circlesOfFiles(imports: readonly Import[], root: string): Finding[] {
  const files = imports.filter(({ isPackage }) => !isPackage)
  return cycles(files).map((circle) => {
    const first = files.find(({ from, to }) => from === circle[0] && to === (circle[1] ?? circle[0]))!
    const names = [...circle, circle[0]!].map((file) => shortPath(root, file))
    return finding('warning', 'boundaries.W001', `Files import one another in a circle: ${names.join(' → ')}.`, {
      object: names[0]!,
      place: `${names[0]}:${first.line}`,
      hint: 'What is imported may be undefined while the files load. Move what both need to a file of its own, or import the type only.',
    })
  })
}

function circlesOfApps(crossings: readonly Crossing[], root: string): Finding[] {
  return cycles(crossings.map(({ from, to }) => ({ from: from.name, to: to.name }))).map((circle) => {
    const { edge } = crossings.find(({ from, to }) => from.name === circle[0] && to.name === circle[1])!
    return finding(
      'warning',
      'boundaries.W002',
      `Apps import one another in a circle: ${[...circle, circle[0]].join(' → ')}.`,
      {
        object: circle[0]!,
        place: `${shortPath(root, edge.from)}:${edge.line}`,
        hint: 'None of them can be understood, tested or taken out alone. Turn one arrow around with a signal, or name models by label.',
      },
    )
  })
}
