// npm run bench -- SUBJECT [--quick]: builds what is out of date, then runs bench/SUBJECT.ts against dist/, as users
// run it. Installs nothing.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { build } from './build.mjs'
import { root, run } from './environment.mjs'

const [subject = '', ...options] = process.argv.slice(2)
const file = join(root, 'bench', `${subject}.ts`)
if (!/^[a-z-]+$/.test(subject) || !existsSync(file)) {
  const subjects = readdirSync(join(root, 'bench')).filter((name) => name.endsWith('.ts'))
  console.error(
    `Usage: npm run bench -- SUBJECT [--quick]\nSubjects: ${subjects.map((name) => name.slice(0, -3)).join(', ')}.`,
  )
  process.exit(2)
}
build({ ifNeeded: true })
process.exit(run(['--expose-gc', file, ...options]))
