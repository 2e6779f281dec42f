/** For sibling rooms. */

export { rulesOf, type SetRules } from './form-set.ts'
export { formatValue, formFieldOf, manyWidget, type Rows, SELECT_LIMIT, TOO_MANY } from './model-fields.ts'
export { bindRows } from './model-form-set.ts'
export { keyText } from './row-keys.ts'
export { foreignKeysTo, foreignKeyTo, rowsOf, setName } from './row-sets.ts'
export { attributesHtml, passwordInput, select } from './widgets.ts'
