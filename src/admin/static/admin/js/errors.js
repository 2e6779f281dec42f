// After an error, go to where it is.
import { find } from './dom.js'

const wrong = find('[data-conflicts]') ?? find('[aria-invalid]') ?? find('.has-errors input')
if (wrong) wrong.focus()
else {
  const errors = find('.form-errors')
  errors?.setAttribute('tabindex', '-1')
  errors?.focus()
}
