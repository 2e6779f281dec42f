import { type CheckLevel, type Finding, LEVELS } from '../../checks/index.ts'
import { t, tn } from '../../i18n/index.ts'
import { defineCommand } from '../command.ts'
import { commandFindings } from '../discover.ts'
import { printFindings } from '../findings.ts'

export default defineCommand({
  help: 'Look for mistakes in the project without running it.',
  lenient: true,
  options: {
    deploy: { type: 'boolean', help: 'also what matters in production: keys, hosts, HTTPS, protections turned off' },
    json: { type: 'boolean', help: 'print the findings as JSON' },
    failLevel: {
      type: 'string',
      choices: ['debug', 'info', 'warning', 'error', 'critical'],
      default: 'error',
      help: 'exit with 1 when something of this level or worse is found',
    },
  },
  examples: ['check', 'check --deploy --fail-level warning'],
  async run({ options, out, project }) {
    const found = await project.checks({ deploy: options.deploy, database: true })
    const findings = [...found, ...(await commandFindings(project.apps.apps))]
    if (options.json) out.json(findings)
    else {
      printFindings(findings, out)
      out.line(summary(findings))
    }
    const limit = LEVELS.indexOf(options.failLevel)
    return findings.some(({ level }) => LEVELS.indexOf(level) >= limit) ? 1 : 0
  },
})

/** `3 findings: 1 error, 2 warnings.` */
function summary(findings: readonly Finding[]): string {
  if (findings.length === 0) return t('No problems found.')
  const counts = Map.groupBy(findings, ({ level }) => level)
  const parts = LEVELS.toReversed()
    .filter((level) => counts.has(level))
    .map((level) => count(counts.get(level)!.length, level))
  return tn('{n} finding: {counts}.', '{n} findings: {counts}.', findings.length, { counts: parts.join(', ') })
}

function count(n: number, level: CheckLevel): string {
  const plural = level === 'warning' || level === 'error' ? `${level}s` : level
  return `${n} ${n === 1 ? level : plural}`
}
