import { signal } from 'nuages/signals'

export const orderPlaced = signal<{ title: string }>('shop.orderPlaced')
