/** `nuages/i18n`: languages and time zones of the moment, and translated text. */
export {
  addCatalog,
  type Catalog,
  type CatalogOptions,
  type CatalogSource,
  clearCatalogs,
  setCatalogSource,
} from './catalogs.ts'
export {
  configureI18n,
  type I18nOptions,
  language,
  setLanguage,
  setTimeZone,
  timeZone,
  withLanguage,
  withTimeZone,
} from './current.ts'
export { I18nError } from './errors.ts'
export { LazyText, type Params, t, tLazy, tn } from './translate.ts'
