/** For sibling rooms. */
export { formatValue, formFieldOf, manyWidget, type Rows, SELECT_LIMIT, TOO_MANY } from './model-fields.ts'
export { attributesHtml, passwordInput, select } from './widgets.ts'
