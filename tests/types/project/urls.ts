import { include, routes } from 'nuages/urls'
import { urls as library } from './library/urls.ts'

export const urls = routes({
  home: '',
  library: include('library/', library),
  shop: include('<slug:shop>/', library),
})

declare module 'nuages' {
  interface Register {
    urls: typeof urls
  }
}
