import { defineApp } from 'nuages'
import { Book, Customer, Order } from './models.ts'
import { orderPlaced } from './signals.ts'
import { urls } from './urls.ts'

/** Counted, to see who calls it. */
export const calls = { ready: 0, told: 0 }

export const shop = defineApp({
  name: 'shop',
  root: import.meta.url,
  models: { Book, Customer, Order },
  urls,
  views: () => import('./views.ts'),
  ready() {
    calls.ready++
    orderPlaced.connect(() => {
      calls.told++
    })
  },
})
