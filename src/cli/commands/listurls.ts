import { t } from '../../i18n/index.ts'
import { defineCommand } from '../command.ts'

export default defineCommand({
  help: 'List the routes of the project. In the order in which they are tried: the first that matches answers.',
  arguments: [{ name: 'filter', help: 'only routes with this text in path, name or view', required: false }],
  options: { json: { type: 'boolean', help: 'as JSON' } },
  async run({ args, options, out, project }) {
    const resolver = await project.loadUrls()
    const text = args.filter?.toLowerCase()
    const found = resolver
      .routes()
      .filter(({ name, pattern, view }) => !text || `${pattern} ${name} ${view}`.toLowerCase().includes(text))
    if (options.json) return out.json(found)
    if (found.length === 0)
      out.line(text ? t('No route has "{text}" in it.', { text: args.filter! }) : t('The project has no routes.'))
    out.table(
      [t('Path'), t('Name'), t('View')],
      found.map(({ pattern, name, view }) => [pattern, name, view]),
    )
  },
})
