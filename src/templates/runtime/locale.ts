/** How a language writes numbers and dates. */

/** Formats of a language. Dates in Django's letters. */
export interface Formats {
  readonly DATE_FORMAT: string
  readonly TIME_FORMAT: string
  readonly DATETIME_FORMAT: string
  readonly YEAR_MONTH_FORMAT: string
  readonly MONTH_DAY_FORMAT: string
  readonly SHORT_DATE_FORMAT: string
  readonly SHORT_DATETIME_FORMAT: string
  readonly DECIMAL_SEPARATOR: string
  readonly THOUSAND_SEPARATOR: string
  /** Digits in a group; 0 = none, a list = from the right, the last repeats where it ends with 0. */
  readonly NUMBER_GROUPING: number | readonly number[]
  /** Whether `{{ 12345 }}` is grouped; default false. `intcomma` and `floatformat:"g"` always are. */
  readonly USE_THOUSAND_SEPARATOR: boolean
}

const ENGLISH: Formats = Object.freeze({
  DATE_FORMAT: 'N j, Y',
  TIME_FORMAT: 'P',
  DATETIME_FORMAT: 'N j, Y, P',
  YEAR_MONTH_FORMAT: 'F Y',
  MONTH_DAY_FORMAT: 'F j',
  SHORT_DATE_FORMAT: 'm/d/Y',
  SHORT_DATETIME_FORMAT: 'm/d/Y P',
  DECIMAL_SEPARATOR: '.',
  THOUSAND_SEPARATOR: ',',
  NUMBER_GROUPING: 3,
  USE_THOUSAND_SEPARATOR: false,
})

/** Day before month, 24 hours: what most languages do that are not listed below. */
const USUAL: Partial<Formats> = {
  DATE_FORMAT: 'j F Y',
  TIME_FORMAT: 'H:i',
  DATETIME_FORMAT: 'j F Y H:i',
  YEAR_MONTH_FORMAT: 'F Y',
  MONTH_DAY_FORMAT: 'j F',
  SHORT_DATE_FORMAT: 'd/m/Y',
  SHORT_DATETIME_FORMAT: 'd/m/Y H:i',
}

const OF: Readonly<Record<string, Partial<Formats>>> = {
  'en-GB': {
    DATE_FORMAT: 'j M Y',
    DATETIME_FORMAT: 'j M Y, P',
    SHORT_DATE_FORMAT: 'd/m/Y',
    SHORT_DATETIME_FORMAT: 'd/m/Y P',
  },
  de: {
    ...USUAL,
    DATE_FORMAT: 'j. F Y',
    DATETIME_FORMAT: 'j. F Y H:i',
    MONTH_DAY_FORMAT: 'j. F',
    SHORT_DATE_FORMAT: 'd.m.Y',
    SHORT_DATETIME_FORMAT: 'd.m.Y H:i',
  },
  es: { ...USUAL, DATE_FORMAT: 'j \\d\\e F \\d\\e Y', DATETIME_FORMAT: 'j \\d\\e F \\d\\e Y \\a \\l\\a\\s H:i' },
  pt: { ...USUAL, DATE_FORMAT: 'j \\d\\e F \\d\\e Y', DATETIME_FORMAT: 'j \\d\\e F \\d\\e Y à\\s H:i' },
  nl: { ...USUAL, SHORT_DATE_FORMAT: 'j-n-Y', SHORT_DATETIME_FORMAT: 'j-n-Y H:i' },
  ja: {
    ...USUAL,
    DATE_FORMAT: 'Y年n月j日',
    DATETIME_FORMAT: 'Y年n月j日G:i',
    YEAR_MONTH_FORMAT: 'Y年n月',
    MONTH_DAY_FORMAT: 'n月j日',
    SHORT_DATE_FORMAT: 'Y/m/d',
    SHORT_DATETIME_FORMAT: 'Y/m/d G:i',
  },
}

/** Formats by language, over the built-in ones: what a project changes. */
export type FormatOverrides = Readonly<Record<string, Partial<Formats>>>

/**
 * The formats of a language: its own, or its base language's (`fr-CA` → `fr`), with what the project overrides.
 * Separators not listed are the runtime's own (`Intl`). Kept per engine, bounded: languages may come from a header.
 */
export class Locales {
  readonly #overrides: FormatOverrides
  readonly #known = new Map<string, Formats>()

  constructor(overrides: FormatOverrides) {
    this.#overrides = overrides
  }

  of(language: string): Formats {
    let formats = this.#known.get(language)
    if (formats === undefined) {
      const base = language.split('-', 1)[0]!
      const builtIn =
        base === 'en' ? { ...ENGLISH, ...OF[language] } : { ...ENGLISH, ...USUAL, ...separators(base), ...OF[base] }
      formats = Object.freeze({ ...builtIn, ...this.#overrides[base], ...this.#overrides[language] })
      if (this.#known.size >= 100) this.#known.clear()
      this.#known.set(language, formats)
    }
    return formats
  }
}

function separators(language: string): Partial<Formats> {
  const parts = new Intl.NumberFormat(language, { useGrouping: true, numberingSystem: 'latn' }).formatToParts(1234567.5)
  const group = parts.find((part) => part.type === 'group')?.value ?? ','
  return {
    DECIMAL_SEPARATOR: parts.find((part) => part.type === 'decimal')?.value ?? '.',
    THOUSAND_SEPARATOR: group === '\u202f' ? '\u00a0' : group, // the wider no-break space, as Django's formats have it
  }
}
