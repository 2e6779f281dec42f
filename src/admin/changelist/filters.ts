/** Filters at the side of a list: the choices of a field, and the condition each stands for. */
import type { FieldMeta } from '../../db/models/meta.ts'
import { t } from '../../i18n/index.ts'
import type { ModelAdmin } from '../options.ts'
import { fieldsOnPath } from './columns.ts'

/** More related rows than this are not offered as links. */
const MOST_CHOICES = 300

export interface FilterChoice {
  readonly label: string
  /** What the address carries after `path=`; null: all. */
  readonly value: string | null
}
export interface Filter {
  /** The path, which is also its name in the address. */
  readonly path: string
  readonly label: string
  choices(): Promise<readonly FilterChoice[]>
  /** The condition for a value of the address, or null when the value means nothing. */
  condition(value: string): Record<string, unknown> | null
}

/** Days back from now, for dates. */
const periods: Readonly<Record<string, () => string>> = {
  '1': () => t('Last 24 hours'),
  '7': () => t('Last 7 days'),
  '30': () => t('Last 30 days'),
  '365': () => t('Last year'),
}
const EMPTY = '-'

export function resolveFilters(admin: ModelAdmin): Filter[] {
  return admin.filters.map((path) => resolveFilter(path, fieldsOnPath(admin.model, path)!.at(-1)!))
}

function resolveFilter(path: string, field: FieldMeta): Filter {
  const all: FilterChoice = { label: t('All'), value: null }
  const empty: readonly FilterChoice[] = field.null ? [{ label: t('None'), value: EMPTY }] : []
  const isEmpty = (value: string) => (value === EMPTY && field.null ? { [`${path}__isnull`]: true } : null)
  const base = { path, label: field.verboseName }

  if (field.relation) {
    const { target } = field.relation
    const key = target.meta.pk[0]!
    return {
      ...base,
      async choices() {
        const rows: object[] = await target.objects.all().slice(0, MOST_CHOICES)
        return [
          all,
          ...rows.map((row) => ({ label: String(row), value: String((row as Record<string, unknown>)[key.attname]) })),
          ...empty,
        ]
      },
      condition: (value) => isEmpty(value) ?? cleaned(key, value, path),
    }
  }
  if (field.choices)
    return {
      ...base,
      choices: async () => [
        all,
        ...field.choices!.map((choice) => ({ label: choice.label, value: String(choice.value) })),
        ...empty,
      ],
      condition: (value) => isEmpty(value) ?? cleaned(field, value, path),
    }
  if (field.kind === 'boolean')
    return {
      ...base,
      choices: async () => [all, { label: t('Yes'), value: '1' }, { label: t('No'), value: '0' }, ...empty],
      condition: (value) => isEmpty(value) ?? (value === '1' || value === '0' ? { [path]: value === '1' } : null),
    }
  if (field.kind === 'dateTime' || field.kind === 'date')
    return {
      ...base,
      choices: async () => [
        all,
        ...Object.entries(periods).map(([value, label]) => ({ label: label(), value })),
        ...empty,
      ],
      condition(value) {
        if (!Object.hasOwn(periods, value)) return isEmpty(value)
        const since = new Date(Date.now() - Number(value) * 86_400_000)
        return { [`${path}__gte`]: field.kind === 'dateTime' ? since : field.clean(since.toISOString().slice(0, 10)) }
      },
    }
  return {
    ...base,
    async choices() {
      const values: unknown[] = await field.model.objects
        .all()
        .dynamicOrderBy(field.name)
        .distinct()
        .valuesList(field.name, { flat: true })
        .slice(0, MOST_CHOICES)
      return [
        all,
        ...values
          .filter((value) => value !== null && value !== '')
          .map((value) => ({ label: String(value), value: String(value) })),
        ...empty,
      ]
    },
    condition: (value) => isEmpty(value) ?? cleaned(field, value, path),
  }
}

function cleaned(field: FieldMeta, value: string, path: string): Record<string, unknown> | null {
  try {
    return { [path]: field.clean(value) }
  } catch {
    return null // an address somebody edited: the filter is not applied
  }
}
