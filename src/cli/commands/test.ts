import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { defineCommand } from '../command.ts'
import { projectRoot, requireSettings } from '../environment.ts'
import { CommandError } from '../errors.ts'

const FILES = '**/*.test.{ts,mts,js,mjs}'
/** Folders of other people, and what was built. */
const ELSEWHERE = ['node_modules', 'dist', 'coverage']

export default defineCommand({
  help: 'Run the tests of the project: its *.test.ts files, with the test runner of Node.',
  needs: 'nothing',
  arguments: [{ name: 'files', help: 'only these files, or folders', variadic: true, required: false }],
  options: {
    watch: { type: 'boolean', help: 'run again when a file is saved' },
    name: { type: 'string', short: 'n', placeholder: 'pattern', help: 'only tests whose name matches' },
    coverage: { type: 'boolean', help: 'say which lines ran' },
  },
  examples: ['test', 'test main', 'test --watch', 'test --name "first page"'],
  async run({ args, options, signal }) {
    const files = findFiles(projectRoot(requireSettings()), args.files)
    const flags = [
      '--test',
      ...(options.watch ? ['--watch'] : []),
      ...(options.name === undefined ? [] : [`--test-name-pattern=${options.name}`]),
      ...(options.coverage ? ['--experimental-test-coverage'] : []),
    ]
    const child = spawn(process.execPath, [...process.execArgv, ...flags, ...files], { stdio: 'inherit' })
    signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true })
    return new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code) => resolve(code ?? 1))
    })
  },
})

/** @throws CommandError cli.no-tests */
function findFiles(root: string, named: readonly string[]): string[] {
  const found =
    named.length === 0
      ? find(FILES, root)
      : named.flatMap((name) =>
          /\.[mc]?[jt]s$/.test(name) ? find(name) : find(`${name.replace(/[\\/]+$/, '')}/${FILES}`),
        )
  if (found.length > 0) return found
  throw new CommandError(named.length === 0 ? `${root} has no tests.` : `No tests in ${named.join(', ')}.`, {
    code: 'cli.no-tests',
    hint: 'Tests are files that end in .test.ts, anywhere in the project.',
  })
}

function find(pattern: string, cwd = process.cwd()): string[] {
  const exclude = (name: string) => ELSEWHERE.includes(name) || /^\.[^./\\]/.test(name)
  return globSync(pattern, { cwd, exclude }).map((name) => (cwd === process.cwd() ? name : `${cwd}/${name}`))
}
