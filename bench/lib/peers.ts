/** The libraries that benches compare with: in a folder of their own, never among the project's packages. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** `bench/peers/`. */
export const peers: string = fileURLToPath(new URL('../peers/', import.meta.url))

/** Installs what the folder's `package-lock.json` names, unless it is there already. Needs npm's registry or its cache. */
export function installPeers(folder: string = peers): void {
  const lock = readFileSync(`${folder}package-lock.json`, 'utf8')
  const installed = `${folder}node_modules/.installed` // the lock that was installed last
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lock) return
  console.log('Installing the peers of the benches …')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const done = spawnSync(npm, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  if (done.status !== 0) throw new Error(`npm ci failed in ${folder}: the registry must be reachable.`)
  writeFileSync(installed, lock)
}
