import { defineSettings } from 'nuages'

/** An API without a database: what the smallest service is. */
export default defineSettings({
  root: import.meta.url,
  secretKey: 'bench-only-bench-only-bench-only-bench-only-bench-only',
  allowedHosts: ['127.0.0.1'],
  urls: () => import('./urls.ts'),
})
