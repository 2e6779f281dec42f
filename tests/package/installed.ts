/** Packages as npm makes them, and projects that have them installed: without a registry. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const modules = join(root, 'node_modules')
const environment = { ...process.env, PATH: `${join(modules, '.bin')}:${process.env.PATH}`, npm_config_offline: 'true' }

export function temporaryFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'nuages-package-')))
}

/** What `npm pack` puts into a tarball: its path and the files in it. */
export interface Packed {
  readonly tarball: string
  readonly files: readonly { readonly path: string; readonly size: number }[]
  readonly unpackedSize: number
}

/** Runs `npm pack` in `folder`, its `prepack` too. */
export function pack(folder: string, to: string): Packed {
  const text = execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', to], {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
  })
  // Newer npms give an object by name, older ones a list; a prepack may print before it.
  const found = JSON.parse(text.slice(text.search(/^[[{]/m))) as object
  const packed = Object.values(found)[0] as Packed & { filename: string }
  return { ...packed, tarball: join(to, packed.filename) }
}

/** Puts a tarball under `node_modules` of a project, as an installation does. */
export function unpack(tarball: string, project: string, name: string): void {
  const folder = join(project, 'node_modules', name)
  mkdirSync(folder, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1'])
}

/** The packages `nuages` depends on, and what its users install beside it, as links. */
export function linkDependencies(project: string): void {
  const target = join(project, 'node_modules')
  mkdirSync(target, { recursive: true })
  for (const name of readdirSync(modules)) {
    if (!name.startsWith('.') && name !== 'nuages') symlinkSync(join(modules, name), join(target, name))
  }
}

/** The fixture, built and packed against a `nuages` that was packed before. */
export function packGuestbook(nuages: string, to: string): Packed {
  const folder = join(to, 'nuages-guestbook')
  cpSync(join(root, 'tests', 'package', 'fixtures', 'nuages-guestbook'), folder, { recursive: true })
  linkDependencies(folder)
  unpack(nuages, folder, 'nuages')
  return pack(folder, to)
}

/** A project with these files, `nuages` and other packages installed from tarballs. */
export function projectWith(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  linkDependencies(folder)
}

/** Runs `nuages` of the project. */
export function nuages(folder: string, args: readonly string[], env: Record<string, string> = {}) {
  const done = spawnSync(process.execPath, [command(folder), ...args], {
    cwd: folder,
    env: { ...environment, NO_COLOR: '1', NODE_OPTIONS: '', ...env },
    encoding: 'utf8',
  })
  return { code: done.status, out: done.stdout + done.stderr }
}

/** The command as `npx` finds it: in the folder or one above. */
function command(folder: string): string {
  const path = join(folder, 'node_modules', 'nuages', 'bin', 'nuages.js')
  return existsSync(path) ? path : command(dirname(folder))
}
