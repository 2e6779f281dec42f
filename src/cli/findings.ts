import type { CheckLevel, Finding } from '../checks/index.ts'
import type { Output, Style } from './output.ts'

const styles: Readonly<Record<CheckLevel, Style>> = {
  debug: 'dim',
  info: 'cyan',
  warning: 'yellow',
  error: 'red',
  critical: ['bold', 'red'],
}

/** Prints findings of checks: level, id and place, then what is wrong and what to do. */
export function printFindings(findings: readonly Finding[], out: Output): void {
  for (const { id, level, object, place, message, hint } of findings) {
    out.line(
      `${out.style(styles[level], level)} ${out.style('bold', id)}${object ? ` ${object}` : ''}${place && place !== object ? out.style('dim', ` ${place}`) : ''}`,
    )
    out.paragraph(message, '  ')
    if (hint) out.paragraph(hint, '  ', 'dim')
    out.line()
  }
}
