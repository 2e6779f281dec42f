import { relative } from 'node:path'
import { t } from '../../i18n/index.ts'
import { defineCommand } from '../command.ts'

export default defineCommand({
  help: 'Copy static files into one folder, under hashed names. Browsers may then keep them for good.',
  async run({ out, project }) {
    const { copied, unchanged } = await project.collectStatic()
    const folder = relative(process.cwd(), project.settings.staticRoot) || '.'
    out.line(
      t('{copied} static files written to {folder}, {unchanged} were there already.', { copied, folder, unchanged }),
    )
  },
})
