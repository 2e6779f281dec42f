import { homedir } from 'node:os'
import { join } from 'node:path'
import { start } from 'node:repl'
import { text } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { t } from '../../i18n/index.ts'
import type { Project } from '../../project/index.ts'
import { defineCommand } from '../command.ts'
import { CommandError } from '../errors.ts'
import type { Output } from '../output.ts'
import { evaluate } from '../shell-code.ts'

export default defineCommand({
  help: [
    'Open a prompt with the models of the project at hand.',
    'Also there: settings, project, and what nuages/db exports (Q, F, atomic …). `await` works at the top level.',
    'Code can be piped in. The history is kept in ~/.nuages_history; NUAGES_HISTORY names another file, or none.',
  ].join('\n'),
  options: { code: { type: 'string', short: 'c', placeholder: 'code', help: 'run this, print its value, and end' } },
  examples: ['shell', "shell -c 'await Book.objects.count()'", 'shell < script.js'],
  async run({ options, out, project }) {
    const names = await project.shellNames()
    if (options.code !== undefined || !process.stdin.isTTY) {
      Object.assign(globalThis, names)
      const value = await evaluate(options.code ?? (await text(process.stdin))).catch(readable)
      if (value !== undefined) out.line(typeof value === 'string' ? value : show(value, out))
      return
    }
    await interact(project, names, out)
  },
})

/** The place of a syntax error is in what was made of the code: its message says more. */
function readable(error: unknown): never {
  if (!(error instanceof SyntaxError) || !error.stack?.startsWith('shell:')) throw error
  throw new CommandError(`The code cannot be read: ${error.message}.`, {
    code: 'cli.bad-code',
    hint: 'Is a bracket or a quote missing?',
    cause: error,
  })
}

function show(value: unknown, out: Output): string {
  return inspect(value, { depth: 3, colors: out.style('red', 'x') !== 'x' })
}

/** Resolves when the prompt is left, by Ctrl-D or `.exit`. */
async function interact(project: Project, names: object, out: Output): Promise<void> {
  const models = project.apps.models()
  out.line(
    t('{models} models of {apps} apps: {names}', {
      models: models.length,
      apps: project.apps.apps.length,
      names: models.map(({ name }) => name).join(', '),
    }),
  )
  out.line(out.style('dim', t('Ctrl-D leaves. Try: await SomeModel.objects.count()')))
  const server = start({ prompt: out.style('cyan', 'nuages> '), useGlobal: true, breakEvalOnSigint: false })
  const define = () => {
    // The prompt may take these names for itself (`const Book = …` is an error); `.clear` brings them back.
    for (const [name, value] of Object.entries(names)) {
      Object.defineProperty(server.context, name, { value, configurable: true, writable: true, enumerable: true })
    }
  }
  define()
  server.on('reset', define)
  const history = process.env.NUAGES_HISTORY ?? join(homedir(), '.nuages_history')
  if (history !== '') server.setupHistory(history, () => {}) // a history that cannot be written is no reason to stop
  await new Promise((resolve) => server.once('exit', resolve))
}
