/** For sibling rooms: not a public door. */
export { hidePassword } from './redact.ts'
