import { City, Continent, Country, Currency, Language } from '../geo/models.ts'

/** A very small world: two neighbours with three cities. */
export async function somePlaces() {
  const europe = await Continent.objects.create({ name: 'Europe', slug: 'europe' })
  const land = { continent: europe, latitude: 46, longitude: 2 }
  const france = await Country.objects.create({
    ...land,
    name: 'France',
    officialName: 'French Republic',
    slug: 'france',
    code: 'FR',
    code3: 'FRA',
    capital: 'Paris',
  })
  const belgium = await Country.objects.create({
    ...land,
    name: 'Belgium',
    officialName: 'Kingdom of Belgium',
    slug: 'belgium',
    code: 'BE',
    code3: 'BEL',
    capital: 'Brussels',
  })
  await france.neighbours.add(belgium)
  await france.languages.add(await Language.objects.create({ code: 'fra', name: 'French' }))
  await france.currencies.add(await Currency.objects.create({ code: 'EUR', name: 'Euro', symbol: '€' }))

  const place = { latitude: 48.85, longitude: 2.35 }
  await City.objects.bulkCreate([
    { ...place, name: 'Paris', country: france, kind: 'capital', population: 2_138_551, geonamesId: 2988507 },
    { ...place, name: 'Parigny', country: france, population: 1_600, geonamesId: 2988651 },
    { ...place, name: 'Brussels', country: belgium, kind: 'capital', population: 1_019_022, geonamesId: 2800866 },
  ])
}
