import { adminUrls } from 'nuages/admin'
import { authUrls } from 'nuages/auth'
import { include, routes } from 'nuages/urls'

export const urls = routes({ admin: include('admin/', adminUrls), accounts: include('accounts/', authUrls) })
