/** Where a finding's subject is written, found in the text of the project's files: for whoever has to open them. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { App } from '../../apps/index.ts'
import { shortPath, sourcesIn } from '../../checks/imports.ts'
import type { Finding } from '../../checks/index.ts'
import type { Project } from '../project.ts'

/** Adds file and line to findings that name a model, a field, an admin option, a route or a setting, where they are found. */
export function locate(findings: readonly Finding[], project: Project): Finding[] {
  const files = new Map<App, readonly string[]>()
  const sources = (app: App) => {
    if (!files.has(app)) files.set(app, existsSync(app.root) && isOurs(app) ? sourcesIn(app.root, 'code') : [])
    return files.get(app)!
  }
  return findings.map((found) => {
    if (found.place !== undefined || found.object === undefined) return found
    const place = placeOf(found, project, sources)
    return place === null ? found : { ...found, place }
  })
}

function isOurs({ root }: App): boolean {
  return !/[\\/]node_modules[\\/]/.test(root)
}

type Sources = (app: App) => readonly string[]

function placeOf(found: Finding, { apps, root }: Project, sources: Sources): string | null {
  const object = found.object!
  const setting = /^settings\.(\w+)(?:\.(\w+))?/.exec(object)
  if (setting !== null)
    return search(settingsFiles(root), [key(setting[1]!), ...(setting[2] === undefined ? [] : [key(setting[2])])], root)
  const route = /^(?:[\w:]+:)?(\w+)$/.exec(object)
  if (found.id.startsWith('urls.') && route !== null) {
    const tables = [join(root, 'urls.ts'), ...apps.apps.flatMap(sources).filter((file) => basename(file) === 'urls.ts')]
    const first = apps.apps.filter(({ name }) => object.startsWith(`${name}:`)).flatMap(sources)
    return search([...first.filter((file) => tables.includes(file)), ...tables], [key(route[1]!)], root)
  }
  const label = /^(\w+)\.(\w+)(?:\.(\w+))?$/.exec(object)
  const app = label === null ? undefined : apps.apps.find(({ name }) => name === label[1])
  if (label === null || app === undefined) return null
  const [, , model = '', field] = label
  if (found.id.startsWith('admin.')) {
    const option = /option (\w+)/.exec(found.message)?.[1]
    const steps = [new RegExp(`register\\(\\s*${model}\\b`), ...(option === undefined ? [] : [key(option)])]
    return search(sources(app), steps, root) ?? search(sources(app), steps.slice(0, 1), root)
  }
  const steps = [new RegExp(`class ${model}\\b`), ...(field === undefined ? [] : [key(field)])]
  return search(sources(app), steps, root) ?? search(sources(app), steps.slice(0, 1), root)
}

function settingsFiles(root: string): string[] {
  return ['settings.ts', 'settings/index.ts', 'settings.js'].map((name) => join(root, name))
}

function key(name: string): RegExp {
  return new RegExp(`(?<![\\w.])['"]?${name}['"]?\\s*[:,(]`)
}

/** The line where the last of `steps` matches, each looked for after the one before. */
function search(files: readonly string[], steps: readonly RegExp[], root: string): string | null {
  for (const file of files) {
    if (!existsSync(file)) continue
    const text = readFileSync(file, 'utf8')
    let at = 0
    const all = steps.every((step) => {
      const match = step.exec(text.slice(at))
      if (match === null) return false
      at += match.index
      return true
    })
    if (all) return `${shortPath(root, file)}:${text.slice(0, at).split('\n').length}`
  }
  return null
}
