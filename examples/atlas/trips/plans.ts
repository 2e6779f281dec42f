/** Trips that nobody made: from the same cities come the same trips, however often. */
import { Temporal } from 'nuages/db'
import { slugify } from 'nuages/text'

export interface Place {
  readonly id: number
  readonly name: string
  readonly latitude: number
  readonly longitude: number
  readonly countryId: number
  readonly country__name: string
}
type Status = 'draft' | 'planned' | 'booked' | 'done' | 'cancelled'
type Kind = 'flight' | 'train' | 'bus' | 'ferry' | 'car'

/** What the trips are dated around, so that some are over and some to come. */
const TODAY = Temporal.PlainDate.from('2026-07-01')
const FIRST = Temporal.PlainDate.from('2024-09-01')
const DAYS = 1000
const TAGS = [
  'archive',
  'architecture',
  'beach',
  'conference',
  'family',
  'food',
  'hiking',
  'music',
  'night train',
  'work',
]
const OVERLAND: readonly Kind[] = ['train', 'train', 'bus', 'car']
const ABROAD: readonly Kind[] = ['train', 'train', 'bus', 'ferry']
const NOTES = [
  'Ask for a quiet room.',
  'Check whether the museum is open on Mondays.',
  'Two suitcases, one bicycle.\nBook the seats together.',
  'The ferry does not run in bad weather; keep a day free.',
]
const PROVIDERS: Record<Kind, readonly string[]> = {
  flight: ['Meridian Air', 'Northwind', 'Blue Atlas Airways'],
  train: ['Continental Rail', 'Nightjet', 'Line 9'],
  bus: ['Wayfarer Coaches', 'Greenline'],
  ferry: ['Harbour & Sons', 'Archipelago Lines'],
  car: ['Open Road', 'Tern Rentals'],
}

export function planTrips(places: readonly Place[], count: number) {
  const random = dice(20_260_701)
  const used = new Set<string>()
  return Array.from({ length: count }, () => planTrip(places, random, used))
}

function planTrip(places: readonly Place[], random: Dice, used: Set<string>) {
  const stops = route(places, random)
  const startsOn = FIRST.add({ days: random.below(DAYS) })
  const endsOn = startsOn.add({ days: 1 + stops.length * (1 + random.below(4)) })
  const status = statusOf(startsOn, endsOn, random)
  const name = nameOf(stops, startsOn)
  let slug = slugify(name)
  for (let n = 2; used.has(slug); n++) slug = slugify(`${name} ${n}`)
  used.add(slug)
  const legs = stops.slice(1).map((to, i) => planLeg(stops[i]!, to, i + 1, startsOn, status, random))
  return {
    name,
    slug,
    status,
    startsOn,
    endsOn,
    budget: random.below(8) === 0 ? null : String((4 + random.below(60)) * 50),
    notes: random.below(4) === 0 ? NOTES[random.below(NOTES.length)]! : '',
    tags: [...new Set(Array.from({ length: random.below(4) }, () => TAGS[random.below(TAGS.length)]!))],
    countryIds: [...new Set(stops.map((stop) => stop.countryId))],
    legs,
  }
}

/** Two to five cities, each not far from the one before. */
function route(places: readonly Place[], random: Dice): Place[] {
  const stops = [places[random.below(places.length)]!]
  const wanted = 2 + random.below(4)
  while (stops.length < wanted) {
    const here = stops.at(-1)!
    const near = places
      .filter((place) => !stops.includes(place) && distance(here, place) > 100)
      .sort((a, b) => distance(here, a) - distance(here, b) || a.id - b.id)
      .slice(0, 6)
    const next = near[random.below(near.length)]
    if (!next) break
    stops.push(next)
  }
  return stops
}

function planLeg(from: Place, to: Place, order: number, startsOn: Temporal.PlainDate, status: Status, random: Dice) {
  const km = distance(from, to)
  const ways: readonly Kind[] = from.countryId === to.countryId ? OVERLAND : ABROAD
  const kind = km > 700 ? 'flight' : ways[random.below(ways.length)]!
  const day = startsOn.add({ days: (order - 1) * 2 })
  const time = new Temporal.PlainTime(6 + random.below(15), random.below(12) * 5)
  const departsAt = new Date(day.toZonedDateTime({ timeZone: 'UTC', plainTime: time }).epochMilliseconds)
  const wanted = status === 'draft' || status === 'planned' ? 0 : 1 + random.below(2)
  const bookings = Array.from({ length: wanted }, () => ({
    provider: PROVIDERS[kind][random.below(PROVIDERS[kind].length)]!,
    reference: reference(random),
    price: (12 + km * (0.08 + random.below(10) / 100)).toFixed(2),
    paid: status === 'done' || random.below(2) === 0,
  }))
  return { order, fromCity: from.id, toCity: to.id, departsAt, kind, bookings }
}

function statusOf(startsOn: Temporal.PlainDate, endsOn: Temporal.PlainDate, random: Dice): Status {
  if (random.below(14) === 0) return 'cancelled'
  if (Temporal.PlainDate.compare(endsOn, TODAY) < 0) return 'done'
  if (Temporal.PlainDate.compare(startsOn, TODAY) < 0) return 'booked'
  return (['draft', 'planned', 'planned', 'booked'] as const)[random.below(4)]!
}

const SEASONS = ['Winter', 'Spring', 'Summer', 'Autumn']
function nameOf(stops: readonly Place[], startsOn: Temporal.PlainDate): string {
  const [first, last] = [stops[0]!, stops.at(-1)!]
  if (stops.length === 2) return `${first.name} to ${last.name}`
  const countries = [...new Set(stops.map((stop) => stop.country__name))]
  if (countries.length === 1) return `${SEASONS[Math.floor((startsOn.month % 12) / 3)]} in ${countries[0]}`
  return stops.length > 3
    ? `${first.name} to ${last.name} via ${stops[1]!.name}`
    : `${first.name}, ${stops[1]!.name}, ${last.name}`
}

/** Kilometres as the crow flies. */
function distance(a: Place, b: Place): number {
  const rad = Math.PI / 180
  const half = (x: number) => Math.sin((x * rad) / 2) ** 2
  const h =
    half(b.latitude - a.latitude) +
    Math.cos(a.latitude * rad) * Math.cos(b.latitude * rad) * half(b.longitude - a.longitude)
  return 12_742 * Math.asin(Math.sqrt(h))
}

function reference(random: Dice): string {
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
  return Array.from({ length: 6 }, () => letters[random.below(letters.length)]).join('')
}

interface Dice {
  /** A whole number from 0 to `n` - 1. */
  below(n: number): number
}

/** The same throws for the same seed. Mulberry32. */
function dice(seed: number): Dice {
  let state = seed
  return {
    below(n) {
      state = (state + 0x6d2b79f5) | 0
      let t = Math.imul(state ^ (state >>> 15), 1 | state)
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
      return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * n)
    },
  }
}
