import { json } from 'nuages/http'
import { routes } from 'nuages/urls'

export const urls = routes({ hello: '' })
export const views = { hello: urls.hello.view(() => json({ message: 'Hello, World!' })) }
