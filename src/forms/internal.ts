/** For sibling rooms. */
export { formatValue, formFieldOf } from './model-fields.ts'
