import { defineCommand } from '../command.ts'

/**
 * For `nuages --help`, and calls from code. On a command line `bin/nuages.js` runs the same before anything is loaded,
 * because a newcomer's Node may be too old for the rest.
 */
export default defineCommand({
  help: 'Start a new project: settings, an app with a user model, a first page and a test.',
  needs: 'nothing',
  arguments: [
    { name: 'name', help: 'name of the project, and of its folder; . for this folder' },
    { name: 'folder', help: 'where to put it, if not in a folder of its name', required: false },
  ],
  options: {
    nuages: {
      type: 'string',
      placeholder: 'spec',
      help: 'what package.json says of nuages: a version, a tarball, a folder (default: the one running)',
    },
  },
  examples: ['startproject mysite', 'startproject mysite .'],
  async run({ args, options }) {
    const { run } = await import('../../../bin/startproject.js')
    const words = [args.name, ...(args.folder === undefined ? [] : [args.folder])]
    return run([...words, ...(options.nuages === undefined ? [] : ['--nuages', options.nuages])])
  },
})
