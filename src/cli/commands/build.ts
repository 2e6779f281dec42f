import { spawnSync } from 'node:child_process'
import { relative, resolve } from 'node:path'
import { t } from '../../i18n/index.ts'
import { buildProject } from '../build/build.ts'
import { defineCommand } from '../command.ts'
import { CommandError } from '../errors.ts'

export default defineCommand({
  help: [
    'Write the project as JavaScript into a folder, with its static files.',
    'The folder runs with "nuages serve" and needs no TypeScript. Data is not copied: set DATABASE_URL there. Neither is .env.',
  ].join('\n'),
  options: {
    out: { type: 'string', placeholder: 'folder', help: 'folder to write to', default: 'build' },
  },
  examples: ['build', 'build --out /srv/site'],
  run({ options, out, project }) {
    const folder = resolve(project.root, options.out)
    const { apps, files } = buildProject(project, folder)
    // From the build itself, which so is seen to load: its settings may say other folders.
    const bin = process.argv[1]!
    const { status } = spawnSync(process.execPath, [...process.execArgv, bin, 'collectstatic'], {
      cwd: folder,
      stdio: 'inherit',
      env: { ...process.env, NUAGES_SETTINGS: '', DEBUG: 'false' },
    })
    if (status !== 0)
      throw new CommandError(`The build in ${folder} does not start: see above.`, {
        code: 'cli.build-does-not-start',
        hint: 'It lacks .env and what begins with a dot: variables that the settings need must be in the environment.',
      })
    const place = relative(process.cwd(), folder) || '.'
    out.success(t('{files} files of {apps} apps built in {place}.', { files: files.length, apps: apps.length, place }))
    out.line(t('To run it: cd {place}, then nuages migrate and nuages serve.', { place }))
  },
})
