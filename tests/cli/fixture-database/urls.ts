import { include, routes } from 'nuages/urls'
import { urls as library } from './library/urls.ts'

export const urls = routes({ library: include('', library) })
