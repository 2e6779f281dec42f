/** For sibling rooms. */

export { link as fileLink } from './files.ts'
export { rulesOf, type SetRules } from './form-set.ts'
export { formatValue, formFieldOf, manyWidget, type Rows, SELECT_LIMIT, TOO_MANY } from './model-fields.ts'
export { bindRows, keyName, sentKeys } from './model-form-set.ts'
export { keyPath, readRelatedKey, relatedKeyText } from './relation-keys.ts'
export { keyText, rowsByKey } from './row-keys.ts'
export { foreignKeysTo, foreignKeyTo, rowsOf, setName } from './row-sets.ts'
export type { FormInput } from './types.ts'
export { attributesHtml, passwordInput, select } from './widgets.ts'
