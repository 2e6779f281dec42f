/** The site, served by the framework. Its access log goes to standard output. */
import { serve } from 'nuages'
import { serveParent } from '../lib/child.ts'
import settings from '../site/settings.ts'

const server = await serve(settings, { port: 0 })
serveParent(server.port)
