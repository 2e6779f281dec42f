import { authUrls } from 'nuages/auth'
import { include, routes } from 'nuages/urls'
import { urls as shop } from './shop/urls.ts'

export const urls = routes({ shop: include('', shop), accounts: include('accounts/', authUrls) })
