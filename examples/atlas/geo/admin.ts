import { admin } from 'nuages/admin'
import { City, Continent, Country, Currency, Language } from './models.ts'

admin.register(City, {
  list: ['name', 'country__name', 'kind', 'population', 'country__continent__name'],
  filters: ['kind', 'country__continent'],
  search: ['name', 'country__name'],
  ordering: ['-population'],
})

admin.register(Country, {
  list: ['flag', 'name', 'continent__name', 'capital', 'area', 'independent'],
  links: ['name'],
  filters: ['continent', 'independent', 'landlocked'],
  search: ['name', 'officialName', 'code', 'capital'],
})

admin.register(Continent, { list: ['name', 'slug'] })
admin.register(Language, { list: ['name', 'code'], search: ['name', 'code'] })
admin.register(Currency, { list: ['code', 'name', 'symbol'], search: ['code', 'name'] })
