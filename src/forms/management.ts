/** The management form: how many forms of a set were sent. It comes from a browser, so nothing in it is believed. */
import { t, tn } from '../i18n/index.ts'
import type { SetRules } from './form-set.ts'
import type { FormInput } from './types.ts'
import { attributesHtml } from './widgets.ts'

/** Stands where the number goes, in the form that new ones are made from. */
export const PREFIX = '__prefix__'

/** The four numbers of a set, and what was wrong with them as they came. */
export interface Management {
  readonly total: number
  readonly initial: number
  readonly min: number
  readonly max: number
  /** A message for whoever sent the form; then there are no forms to read. */
  readonly problem: string | null
}

function countIn(input: FormInput, name: string): number | null {
  const sent = input.get(name)
  return typeof sent === 'string' && /^\d{1,9}$/.test(sent) ? Number(sent) : null
}

/**
 * What was sent, within bounds: attack: a TOTAL_FORMS of a billion must not make a billion forms, nor more than
 * `absoluteMax`.
 */
export function readManagement(input: FormInput, prefix: string, rules: SetRules): Management {
  const { min, max, absoluteMax } = rules
  const total = countIn(input, `${prefix}-TOTAL_FORMS`)
  const initial = countIn(input, `${prefix}-INITIAL_FORMS`)
  if (total === null || initial === null || initial > total)
    return {
      ...{ total: 0, initial: 0, min, max },
      problem: t('This part of the form arrived incomplete or altered. Open the page again, and write it once more.'),
    }
  if (total > absoluteMax)
    return {
      ...{ total: absoluteMax, initial: Math.min(initial, absoluteMax), min, max },
      problem: tn('Please submit at most {n} form.', 'Please submit at most {n} forms.', max),
    }
  return { total, initial, min, max, problem: null }
}

/** The four hidden controls. */
export function managementHtml(prefix: string, { total, initial, min, max }: Management): string {
  const numbers = { TOTAL_FORMS: total, INITIAL_FORMS: initial, MIN_NUM_FORMS: min, MAX_NUM_FORMS: max }
  return Object.entries(numbers)
    .map(([name, value]) => {
      const full = `${prefix}-${name}`
      return `<input${attributesHtml({ type: 'hidden', name: full, id: `id_${full}`, value })}>`
    })
    .join('')
}
