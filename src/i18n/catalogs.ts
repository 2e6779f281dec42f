/** Translated messages by language. */
import { fallbacks, readLanguage } from './tags.ts'

/** Message in the source language → its translation, or its plural forms in the language's order (one, …, other). */
export type Catalog = Readonly<Record<string, string | readonly string[]>>

export interface CatalogOptions {
  /** Which form a count takes. Default: by the language's plural rules (CLDR), in the order zero one two few many other. */
  readonly plural?: (n: number) => number
}

/** Gives the catalogs of a language, the most important last: {@link setCatalogSource}. */
export type CatalogSource = (tag: string) => readonly Catalog[]

interface Language {
  readonly messages: Map<string, string | readonly string[]>
  plural: ((n: number) => number) | null
}

const languages = new Map<string, Language>()
// What files say, below what code added. Read when a language is first asked for.
const fromSource = new Map<string, Language | null>()
let source: CatalogSource | null = null
// Lookup chains of the languages asked for. Bounded: languages may come from a header.
const chains = new Map<string, readonly Language[]>()
const MAX_CHAINS = 100

/**
 * Adds translations; later ones win over earlier ones, so that a project overrides its apps.
 *
 *     addCatalog('fr', { 'Hello {name}': 'Bonjour {name}', 'one book': ['un livre', '{n} livres'] })
 *
 * @throws I18nError i18n.bad-language
 */
export function addCatalog(tag: string, messages: Catalog, options: CatalogOptions = {}): void {
  const key = readLanguage(tag)
  let language = languages.get(key)
  if (language === undefined) {
    language = { messages: new Map(), plural: null }
    languages.set(key, language)
    chains.clear()
  }
  for (const message of Object.keys(messages)) language.messages.set(message, messages[message]!)
  if (options.plural !== undefined) language.plural = options.plural
}

/**
 * Where translations come from besides {@link addCatalog}, which wins over them: asked once per language, when a text in
 * it is first wanted. A project sets its own, which reads the `locale` folders of its apps and its own.
 */
export function setCatalogSource(read: CatalogSource | null): void {
  source = read
  fromSource.clear()
  chains.clear()
}

/** Forgets every catalog, and where they came from: for tests. */
export function clearCatalogs(): void {
  languages.clear()
  setCatalogSource(null)
}

/** The translation of `message` in `tag` or one of its fallbacks; undefined when there is none. */
export function lookup(
  tag: string,
  message: string,
): { text: string | readonly string[]; plural: (n: number) => number } | undefined {
  if (languages.size === 0 && source === null) return undefined
  for (const language of chainOf(tag)) {
    const text = language.messages.get(message)
    if (text !== undefined && text.length > 0) return { text, plural: language.plural ?? rulesOf(tag) }
  }
  return undefined
}

function chainOf(tag: string): readonly Language[] {
  let chain = chains.get(tag)
  if (chain === undefined) {
    chain = fallbacks(tag).flatMap((part) => [languages.get(part) ?? [], readSource(part) ?? []].flat())
    if (chains.size >= MAX_CHAINS) chains.clear()
    chains.set(tag, chain)
  }
  return chain
}

function readSource(tag: string): Language | null {
  if (source === null) return null
  let language = fromSource.get(tag)
  if (language === undefined) {
    const catalogs = source(tag)
    language =
      catalogs.length === 0
        ? null
        : { messages: new Map(catalogs.flatMap((each) => Object.entries(each))), plural: null }
    if (fromSource.size >= MAX_CHAINS) fromSource.clear()
    fromSource.set(tag, language)
  }
  return language
}

const ORDER = ['zero', 'one', 'two', 'few', 'many', 'other']
const rules = new Map<string, (n: number) => number>()

/** Plural rules of a language as the index of a form. */
export function rulesOf(tag: string): (n: number) => number {
  const base = tag.split('-', 1)[0]!
  let rule = rules.get(base)
  if (rule === undefined) {
    const cldr = new Intl.PluralRules(base)
    const categories = cldr.resolvedOptions().pluralCategories
    const order = ORDER.filter((category) => (categories as readonly string[]).includes(category))
    rule = (n) => order.indexOf(cldr.select(n))
    if (rules.size >= MAX_CHAINS) rules.clear()
    rules.set(base, rule)
  }
  return rule
}
