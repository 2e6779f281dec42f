import { adminUrls } from 'nuages/admin'
import { include, routes } from 'nuages/urls'

export const urls = routes({ admin: include('admin/', adminUrls) })
