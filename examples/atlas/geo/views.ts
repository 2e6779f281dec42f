import { Sum } from 'nuages/db'
import { json } from 'nuages/http'
import { getObjectOr404, render } from 'nuages/shortcuts'
import { chart, worldMap } from './map.ts'
import { City, Continent, Country } from './models.ts'
import { urls } from './urls.ts'

/** From here on a city is drawn larger. */
const LARGE = { world: 1_000_000, country: 100_000 }
/** Cities a country's map is drawn with, the largest first: more fall on the same points. */
const DRAWN = 5000

/** The world as its cities; they change rarely, so it is drawn once per process. */
let world: Promise<{ cities: string; large: string }> | undefined
async function drawWorld() {
  const places = await City.objects.filter({ population__gte: 30_000 }).values('latitude', 'longitude', 'population')
  if (places.length === 0) world = undefined
  return { cities: worldMap(places), large: worldMap(places.filter((place) => place.population! >= LARGE.world)) }
}

export const home = urls.home.view(async (request) => {
  const query = (request.query.get('q') ?? '').trim().slice(0, 100)
  if (query) {
    return render(request, 'geo/search.html', {
      query,
      countries: Country.objects.filter({ name__icontains: query }).slice(0, 12),
      cities: City.objects.named(query).selectRelated('country').byPopulation().slice(0, 50),
      found: await City.objects.named(query).count(),
    })
  }
  world ??= drawWorld()
  return render(request, 'geo/home.html', {
    query,
    world: await world,
    continents: Continent.objects.prefetchRelated('countries'),
    largest: City.objects.filter({ population__isnull: false }).selectRelated('country').byPopulation().slice(0, 12),
    cityCount: await City.objects.count(),
    countryCount: await Country.objects.count(),
  })
})

/** Cities of a country, for its map and its list. */
function citiesOf(country: Country) {
  return City.objects.filter({ country }).byPopulation()
}

export const country = urls.country.view(async (request, { slug }) => {
  const country = await getObjectOr404(Country.objects.selectRelated('continent'), { slug })
  const cities = citiesOf(country)
  const places = await cities.values('latitude', 'longitude', 'population', 'kind').slice(0, DRAWN)
  const map = chart(places)
  return render(request, 'geo/country.html', {
    country,
    languages: country.languages.all(),
    currencies: country.currencies.all(),
    neighbours: country.neighbours.all(),
    largest: cities.slice(0, 24),
    cityCount: await cities.count(),
    inhabitants: (await cities.aggregate({ total: Sum('population') })).total,
    map: {
      viewBox: map.viewBox,
      cities: map.draw(places),
      large: map.draw(places.filter((place) => (place.population ?? 0) >= LARGE.country)),
      here: map.draw(places.filter((place) => place.kind === 'capital')),
    },
  })
})

export const city = urls.city.view(async (request, { id }) => {
  const city = await getObjectOr404(City.objects.selectRelated('country__continent'), { id })
  const others = citiesOf(city.country)
  const places = await others.values('latitude', 'longitude').slice(0, DRAWN)
  const map = chart(places)
  return render(request, 'geo/city.html', {
    city,
    others: others.exclude({ id }).slice(0, 10),
    map: { viewBox: map.viewBox, cities: map.draw(places), here: map.draw([city]) },
  })
})

/** `GET /api/cities/?q=paris&country=FR&page=2`: name, country, population and place of each city, 50 a page. */
export const cityApi = urls.cityApi.view(async (request) => {
  const name = request.query.get('q') ?? ''
  const country = request.query.get('country')
  const page = Math.max(1, Math.trunc(Number(request.query.get('page'))) || 1)
  const cities = City.objects.named(name).filter(country ? { country__code: country.toUpperCase() } : {})
  const count = await cities.count()
  const items = await cities
    .byPopulation()
    .values('id', 'name', 'country__code', 'population', 'latitude', 'longitude')
    .slice((page - 1) * 50, page * 50)
  return json({ count, page, pages: Math.ceil(count / 50), items })
})
