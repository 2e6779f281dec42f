/** What the supervisor of `nuages dev` starts: the child by itself, without what only a command line needs. */
import module from 'node:module'

module.enableCompileCache?.()
const [{ runChild }, { loadEnvironmentFile }, { processOutput }] = await Promise.all([
  import('./child.ts'),
  import('../environment.ts'),
  import('../output.ts'),
])
const out = processOutput()
process.exit(await runChild(out, loadEnvironmentFile))
