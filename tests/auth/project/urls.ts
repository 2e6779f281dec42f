import { authUrls } from 'nuages/auth'
import { include, routes } from 'nuages/urls'
import { urls as pages } from './pages/urls.ts'

export const urls = routes({ pages: include('', pages), accounts: include('accounts/', authUrls) })
