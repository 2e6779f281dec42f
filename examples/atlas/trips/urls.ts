import { routes } from 'nuages/urls'

export const urls = routes({
  list: '',
  trip: '<slug:slug>/',
})
