// npm start: from an empty clone to the running example. Runs on Node 20 or newer; everything after the install runs
// on the Node this repository pins.
import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from './build.mjs'
import { install, root, run, runForever } from './environment.mjs'

const example = join(root, 'examples', 'atlas')
const cli = join(root, 'bin', 'nuages.js')

install()
build({ ifNeeded: true })

const env = join(example, '.env')
if (!existsSync(env)) writeFileSync(env, `SECRET_KEY=${randomBytes(48).toString('base64url')}\n`, { mode: 0o600 })

for (const command of [
  ['migrate'],
  ['loadatlas'],
  ['createsuperuser', '--if-none'],
  ['loadtrips'],
  ['collectstatic'],
]) {
  const status = run([cli, ...command], { cwd: example })
  if (status !== 0) process.exit(status)
}
console.log(
  `The atlas: http://127.0.0.1:${process.env.PORT ?? 8000}/   its admin: http://127.0.0.1:${process.env.PORT ?? 8000}/admin/`,
)
// The old generation too: V8's default lets garbage of large pages grow to 100 MB before it looks.
runForever(['--max-semi-space-size=4', '--heap-growing-percent=20', cli, 'serve'], { cwd: example })
