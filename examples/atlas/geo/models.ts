import {
  boolean,
  char,
  choice,
  float,
  foreignKey,
  index,
  integer,
  Model,
  manyToMany,
  QuerySet,
  reverse,
  slug,
} from 'nuages/db'
import { urls } from './urls.ts'

export class Continent extends Model<Continent>()(
  {
    name: char({ maxLength: 40, unique: true }),
    slug: slug({ unique: true }),
    countries: () => reverse(Country, 'continent'),
  },
  { ordering: ['name'] },
) {
  override toString() {
    return this.name
  }
}

export class Language extends Model<Language>()(
  {
    code: char({ maxLength: 3, unique: true, helpText: 'ISO 639-3, three letters.' }),
    name: char({ maxLength: 80 }),
  },
  { ordering: ['name'] },
) {
  override toString() {
    return this.name
  }
}

export class Currency extends Model<Currency>()(
  {
    code: char({ maxLength: 3, unique: true, helpText: 'ISO 4217, three letters.' }),
    name: char({ maxLength: 80 }),
    symbol: char({ maxLength: 12, blank: true, default: '' }),
  },
  { ordering: ['code'], verboseNamePlural: 'currencies' },
) {
  override toString() {
    return `${this.name} (${this.code})`
  }
}

export class Country extends Model<Country>()(
  {
    name: char({ maxLength: 80, unique: true }),
    officialName: char({ maxLength: 120 }),
    slug: slug({ maxLength: 80, unique: true }),
    code: char({ maxLength: 2, unique: true, helpText: 'ISO 3166-1 alpha-2.' }),
    code3: char({ maxLength: 3, unique: true, verboseName: 'three-letter code', helpText: 'ISO 3166-1 alpha-3.' }),
    flag: char({ maxLength: 16, blank: true, default: '' }),
    continent: () => foreignKey(Continent, { onDelete: 'protect' }),
    subregion: char({ maxLength: 60, blank: true, default: '' }),
    capital: char({ maxLength: 80, blank: true, default: '' }),
    area: float({ null: true, blank: true, min: 0, helpText: 'Square kilometres.' }),
    latitude: float(),
    longitude: float(),
    landlocked: boolean({ default: false }),
    independent: boolean({ default: true }),
    languages: () => manyToMany(Language, { blank: true }),
    currencies: () => manyToMany(Currency, { blank: true }),
    neighbours: () => manyToMany(Country, { blank: true }),
    cities: () => reverse(City, 'country'),
  },
  { ordering: ['name'], verboseNamePlural: 'countries' },
) {
  override toString() {
    return this.name
  }

  absoluteUrl() {
    return urls.country({ slug: this.slug })
  }
}

export class CityQuerySet extends QuerySet<City> {
  /** Largest first; places nobody counted come last. */
  byPopulation() {
    return this.orderBy('-population', 'name')
  }

  named(text: string) {
    return this.filter({ name__icontains: text })
  }
}

export class City extends Model<City>()(
  {
    name: char({ maxLength: 200 }),
    country: () => foreignKey(Country, { onDelete: 'cascade' }),
    kind: choice(
      {
        capital: 'Capital',
        seat: 'Administrative seat',
        town: 'City or town',
        section: 'Part of a city',
        former: 'Former or other',
      },
      { default: 'town' },
    ),
    population: integer({ null: true, blank: true, min: 0 }),
    latitude: float({ min: -90, max: 90 }),
    longitude: float({ min: -180, max: 180 }),
    geonamesId: integer({ unique: true, verboseName: 'GeoNames id' }),
  },
  {
    ordering: ['name', 'id'],
    verboseNamePlural: 'cities',
    indexes: [index(['-population']), index(['country', '-population']), index(['name', 'id'])],
  },
) {
  static override objects = new CityQuerySet(City)

  override toString() {
    return this.name
  }

  absoluteUrl() {
    return urls.city({ id: this.id })
  }
}
