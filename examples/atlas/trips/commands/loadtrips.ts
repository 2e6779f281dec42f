import { createUser } from 'nuages/auth'
import { defineCommand } from 'nuages/cli'
import { allowRepeats, atomic } from 'nuages/db'
import { User } from '../../accounts/models.ts'
import { City } from '../../geo/models.ts'
import { Booking, Leg, Tag, Trip } from '../models.ts'
import { planTrips } from '../plans.ts'

const PLANNERS = ['Ada Lindqvist', 'Bilal Haddad', 'Chiara Moretti', 'Daniel Okafor', 'Emi Tanaka']
const TRIPS = 300
/** Where they travel. */
const COUNTRIES =
  'AR AT AU BE BR CA CH CL CO CZ DE DK EG ES FI FR GB GE GR HR HU ID IE IT JP KE KR MA MX MY NL NO NZ PE PL PT RO SE TH TN TR TZ US VN ZA'

export default defineCommand({
  help: 'Make trips between real cities, the same ones each time, to try the admin with.',
  run: async ({ out }) => {
    if (await Trip.objects.exists()) {
      out.line('The trips are loaded already.')
      return
    }
    const cities = await City.objects
      .filter({ population__gte: 250_000, country__code__in: COUNTRIES.split(' ') })
      .exclude({ kind: 'section' })
      .orderBy('-population', 'geonamesId')
      .values('id', 'name', 'latitude', 'longitude', 'countryId', 'country__name')
      .slice(0, 600)
    if (cities.length < 2) {
      out.line('There are no cities to travel between: load them first, with nuages loadatlas.')
      return
    }
    await allowRepeats('once, and each trip as the admin would save it', () =>
      atomic(() => save(planTrips(cities, TRIPS))),
    )
    out.line(`Loaded ${await Trip.objects.count()} trips with ${await Leg.objects.count()} legs.`)
  },
})

async function save(plans: ReturnType<typeof planTrips>) {
  const owners: User[] = []
  for (const displayName of PLANNERS) {
    const email = `${displayName.split(' ')[0]!.toLowerCase()}@example.org`
    owners.push(
      (await User.objects.get({ email }).catch(() => null)) ??
        (await createUser({ email, displayName, password: null })),
    )
  }
  const names = [...new Set(plans.flatMap((plan) => plan.tags))]
  const there = new Set((await Tag.objects.all()).map((tag) => tag.name))
  await Tag.objects.bulkCreate(names.filter((name) => !there.has(name)).map((name) => ({ name })))
  const tags = new Map((await Tag.objects.all()).map((tag) => [tag.name, tag]))
  for (const [i, plan] of plans.entries()) {
    const { name, slug, status, startsOn, endsOn, budget, notes } = plan
    const owner = owners[(i * 7) % owners.length]!
    const trip = await Trip.objects.create({ name, slug, status, startsOn, endsOn, budget, notes, owner })
    await trip.tags.add(...plan.tags.map((tag) => tags.get(tag)!))
    await trip.countries.add(...plan.countryIds)
    for (const { bookings, ...values } of plan.legs) {
      const leg = await Leg.objects.create({ ...values, trip })
      await Booking.objects.bulkCreate(bookings.map((booking) => ({ ...booking, leg })))
    }
  }
}
