import { fileURLToPath } from 'node:url'
import { defineCommand } from '../command.ts'
import { packageVersion } from '../version.ts'

export default defineCommand({
  help: 'Print the versions of nuages and Node.',
  needs: 'nothing',
  options: { json: { type: 'boolean', help: 'as JSON' } },
  run({ options, out }) {
    const versions = {
      nuages: packageVersion(),
      node: process.versions.node,
      sqlite: process.versions.sqlite ?? '',
      path: fileURLToPath(new URL('../../..', import.meta.url)),
    }
    if (options.json) return out.json(versions)
    out.line(`nuages ${versions.nuages} (${versions.path})`)
    out.line(`node ${versions.node}, sqlite ${versions.sqlite}`)
  },
})
