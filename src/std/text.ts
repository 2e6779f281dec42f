/** Words and names: slugs, spelling of identifiers, plurals, near misses. */

/**
 * A slug, as Django's slugify makes it: lower case, words joined by `-`, accents dropped (`é` → `e`), letters that
 * have no ASCII form dropped with them; kept with `allowUnicode`.
 *
 *     slugify(' Un éléphant à l'orée du bois ')   // 'un-elephant-a-loree-du-bois'
 */
export function slugify(value: unknown, options: { allowUnicode?: boolean } = {}): string {
  const text = String(value)
  const letters = options.allowUnicode
    ? text
        .normalize('NFKC')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_\s-]/gu, '')
    : text
        .normalize('NFKD')
        .replace(/[^\p{ASCII}]/gu, '')
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
  return trimChars(letters.trim().replace(/[-\s]+/g, '-'), '-_')
}

/** Without any of `chars` at its ends. A loop, as `/-+$/` takes quadratic time on long runs inside the text. */
function trimChars(text: string, chars: string): string {
  let start = 0
  let end = text.length
  while (start < end && chars.includes(text[start]!)) start++
  while (end > start && chars.includes(text[end - 1]!)) end--
  return text.slice(start, end)
}

/** `publishedAt` → `published_at`, `HTMLPage` → `html_page`; paths keep their `__`. */
export function camelToSnake(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])(?=[A-Z][a-z])/g, '$1_')
    .toLowerCase()
}

/** `published_at` → `publishedAt`; paths keep their `__`. */
export function snakeToCamel(name: string): string {
  return name.replace(/(?<=[A-Za-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** First letter upper case, the rest as it is. */
export function capitalize(text: string): string {
  const first = text.codePointAt(0)
  if (first === undefined) return text
  const letter = String.fromCodePoint(first)
  return letter.toUpperCase() + text.slice(letter.length)
}

/** An identifier as words: `publishedAt` → `published at`. */
export function humanize(name: string): string {
  return camelToSnake(name).replace(/_+/g, ' ').trim()
}

const IRREGULAR: Readonly<Record<string, string>> = {
  person: 'people',
  man: 'men',
  woman: 'women',
  child: 'children',
  foot: 'feet',
  tooth: 'teeth',
  goose: 'geese',
  mouse: 'mice',
  analysis: 'analyses',
  basis: 'bases',
  crisis: 'crises',
  criterion: 'criteria',
  phenomenon: 'phenomena',
  datum: 'data',
  quiz: 'quizzes',
  leaf: 'leaves',
  life: 'lives',
  knife: 'knives',
  half: 'halves',
  shelf: 'shelves',
  wolf: 'wolves',
  hero: 'heroes',
  potato: 'potatoes',
  tomato: 'tomatoes',
}
const SAME = new Set([
  'series',
  'species',
  'news',
  'data',
  'metadata',
  'media',
  'information',
  'equipment',
  'sheep',
  'fish',
  'people',
  'children',
])

/** The English plural of a name in lower case: `country` → `countries`, `home address` → `home addresses`. */
export function pluralize(word: string): string {
  const cut = word.lastIndexOf(' ') + 1
  const head = word.slice(0, cut)
  const last = word.slice(cut)
  if (last === '' || SAME.has(last)) return word
  if (Object.hasOwn(IRREGULAR, last)) return head + IRREGULAR[last]!
  if (/[^aeiou]y$/.test(last)) return `${head}${last.slice(0, -1)}ies`
  if (/(?:s|x|z|ch|sh)$/.test(last)) return `${word}es`
  return `${word}s`
}

/**
 * `text` in at most `length` characters (code points), the last one `…` where something was cut.
 *
 * @param ellipsis   what marks the cut, counted in `length`; default `…`
 */
export function truncate(text: string, length: number, ellipsis = '…'): string {
  if (text.length <= length) return text
  const keep = Math.max(0, length - [...ellipsis].length)
  let count = 0
  let end = 0
  let cut = -1
  for (const char of text) {
    if (count === keep) cut = end
    if (++count > length) return text.slice(0, cut) + ellipsis
    end += char.length
  }
  return text
}

/** Longest name looked at by {@link nearest}: comparing takes time by the product of lengths. */
const MAX_COMPARED = 64

/**
 * The candidate that `name` was probably meant to be, for "Did you mean …?"; null when none is near.
 * Distance: Damerau–Levenshtein with adjacent swaps (optimal string alignment), case ignored; O(length²) each.
 */
export function nearest(name: string, candidates: Iterable<string>): string | null {
  const wanted = name.slice(0, MAX_COMPARED).toLowerCase()
  let best: string | null = null
  let least = Math.max(1, Math.ceil(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    if (candidate.length > MAX_COMPARED || Math.abs(candidate.length - wanted.length) >= least) continue
    const distance = editDistance(wanted, candidate.toLowerCase(), least)
    if (distance < least) {
      best = candidate
      least = distance
      if (distance === 0) break
    }
  }
  return best
}

function editDistance(a: string, b: string, limit: number): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let value = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        value = Math.min(value, beforeLast[j - 2]! + 1)
      row.push(value)
      if (value < least) least = value
    }
    if (least >= limit) return limit
    beforeLast = last
    last = row
  }
  return last[b.length]!
}
