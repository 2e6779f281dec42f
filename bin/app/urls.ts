import { routes } from 'nuages/urls'

export const urls = routes({
  index: '',
})
