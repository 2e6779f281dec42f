import { routes } from 'nuages/urls'

export const urls = routes({
  home: '',
  country: 'countries/<slug:slug>/',
  city: 'cities/<int:id>/',
  cityApi: 'api/cities/',
})
