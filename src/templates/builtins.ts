/** The tags and filters that every template has, and the libraries that come with the framework. */
import { lazy } from '../std/lazy.ts'
import { DATE_FILTERS } from './filters/dates.ts'
import { HTML_FILTERS } from './filters/html.ts'
import { HUMANIZE } from './filters/humanize.ts'
import { LIST_FILTERS } from './filters/lists.ts'
import { NUMBER_FILTERS } from './filters/numbers.ts'
import { TEXT_FILTERS } from './filters/text.ts'
import { TRUNCATE_FILTERS } from './filters/truncate.ts'
import { URLIZE_FILTERS } from './filters/urlize.ts'
import type { Library } from './library.ts'
import type { Filter } from './nodes.ts'
import type { TagParser } from './parser/parser.ts'
import { FLOW_TAGS } from './tags/flow.ts'
import { CACHE, L10N, TZ } from './tags/formats.ts'
import { INHERITANCE_TAGS } from './tags/inheritance.ts'
import { LINK_TAGS } from './tags/links.ts'
import { TRANSLATION_FILTERS, TRANSLATION_TAGS } from './tags/translation.ts'
import { VALUE_TAGS } from './tags/values.ts'

export interface BuiltIns {
  readonly tags: ReadonlyMap<string, TagParser>
  readonly filters: ReadonlyMap<string, Filter>
  readonly libraries: ReadonlyMap<string, Library>
}

/**
 * Built in once. `i18n`, `static`, `l10n`, `tz` and `cache` need no `{% load %}` here; loading them, as templates from
 * Django do, changes nothing. `humanize` is loaded.
 */
export const builtIns: () => BuiltIns = lazy(() => {
  const i18n: Library = { tags: TRANSLATION_TAGS, filters: TRANSLATION_FILTERS }
  return {
    tags: new Map(
      Object.entries({
        ...FLOW_TAGS,
        ...INHERITANCE_TAGS,
        ...VALUE_TAGS,
        ...LINK_TAGS,
        ...TRANSLATION_TAGS,
        ...L10N.tags,
        ...TZ.tags,
        ...CACHE.tags,
      }),
    ),
    filters: new Map(
      Object.entries({
        ...TEXT_FILTERS,
        ...TRUNCATE_FILTERS,
        ...URLIZE_FILTERS,
        ...HTML_FILTERS,
        ...LIST_FILTERS,
        ...NUMBER_FILTERS,
        ...DATE_FILTERS,
        ...TRANSLATION_FILTERS,
        ...L10N.filters,
        ...TZ.filters,
      }),
    ),
    libraries: new Map<string, Library>([
      ['i18n', i18n],
      ['static', {}],
      ['l10n', L10N],
      ['tz', TZ],
      ['cache', CACHE],
      ['humanize', HUMANIZE],
    ]),
  }
})
