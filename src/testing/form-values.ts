/** What a control of a form holds. */
export type FormValue = string | number | bigint | boolean | File

/**
 * A form's values. A list sends a name several times, a `File` uploads, `true` is a checkbox that is ticked; what is
 * `false`, null or undefined is not sent, as browsers do.
 */
export type FormValues = Readonly<Record<string, FormValue | readonly FormValue[] | null | undefined>>

/** Multipart when there is a file among them, urlencoded otherwise. */
export function formBody(values: FormValues): URLSearchParams | FormData {
  const texts = new URLSearchParams()
  const form = new FormData()
  let hasFiles = false
  for (const [name, value] of Object.entries(values)) {
    for (const item of (Array.isArray(value) ? value : [value]) as readonly (FormValue | null | undefined)[]) {
      if (item === null || item === undefined || item === false) continue
      if (item instanceof File) {
        hasFiles = true
        form.append(name, item)
      } else {
        const text = item === true ? 'on' : String(item)
        form.append(name, text)
        texts.append(name, text)
      }
    }
  }
  return hasFiles ? form : texts
}

/** Values of a query: a list sends a name several times; null and undefined are not sent. */
export type QueryValues = Readonly<
  Record<string, string | number | bigint | boolean | readonly (string | number | bigint)[] | null | undefined>
>

/** Adds values to an address's query. */
export function addQuery(url: URL, values: QueryValues): void {
  for (const [name, value] of Object.entries(values))
    for (const item of Array.isArray(value) ? value : [value])
      if (item !== null && item !== undefined) url.searchParams.append(name, String(item))
}
