import {
  boolean,
  char,
  check,
  choice,
  date,
  dateTime,
  decimal,
  foreignKey,
  index,
  Model,
  manyToMany,
  QuerySet,
  reverse,
  slug,
  smallInteger,
  text,
  unique,
} from 'nuages/db'
import { ValidationError } from 'nuages/validators'
import { User } from '../accounts/models.ts'
import { City, Country } from '../geo/models.ts'
import { urls } from './urls.ts'

export class Tag extends Model<Tag>()(
  {
    name: char({ maxLength: 40, unique: true }),
    trips: () => reverse(Trip, 'tags'),
  },
  { ordering: ['name'] },
) {
  override toString() {
    return this.name
  }
}

export class TripQuerySet extends QuerySet<Trip> {
  /** What visitors see. */
  published() {
    return this.exclude({ status: 'draft' })
  }
}

export class Trip extends Model<Trip>()(
  {
    name: char({ maxLength: 120 }),
    slug: slug({ maxLength: 120, unique: true, helpText: 'Its address: /trips/…/' }),
    status: choice(
      { draft: 'Draft', planned: 'Planned', booked: 'Booked', done: 'Done', cancelled: 'Cancelled' },
      { default: 'draft' },
    ),
    startsOn: date({ index: true }),
    endsOn: date(),
    budget: decimal({ maxDigits: 10, decimalPlaces: 2, min: '0', null: true, blank: true, helpText: 'Euros.' }),
    notes: text({ blank: true }),
    owner: () => foreignKey(User, { onDelete: 'protect' }),
    countries: () => manyToMany(Country, { blank: true }),
    tags: () => manyToMany(Tag, { blank: true }),
    legs: () => reverse(Leg, 'trip'),
  },
  {
    ordering: ['-startsOn', 'name'],
    indexes: [index(['status', '-startsOn'])],
    constraints: [check({ budget__gte: 0 }, { name: 'trips_budget_not_negative' })],
  },
) {
  static override objects = new TripQuerySet(Trip)

  override toString() {
    return this.name
  }

  override clean() {
    if (this.startsOn && this.endsOn && this.endsOn.since(this.startsOn).sign < 0)
      throw new ValidationError({ endsOn: ['A trip ends after it starts.'] })
  }

  absoluteUrl() {
    return urls.trip({ slug: this.slug })
  }
}

export class Leg extends Model<Leg>()(
  {
    trip: () => foreignKey(Trip, { onDelete: 'cascade' }),
    order: smallInteger({ min: 1, default: 1 }),
    fromCity: () => foreignKey(City, { onDelete: 'protect', verboseName: 'from' }),
    toCity: () => foreignKey(City, { onDelete: 'protect', verboseName: 'to' }),
    departsAt: dateTime({ null: true, blank: true }),
    kind: choice({ flight: 'Flight', train: 'Train', bus: 'Bus', ferry: 'Ferry', car: 'Car' }, { default: 'train' }),
    bookings: () => reverse(Booking, 'leg'),
  },
  { ordering: ['trip', 'order'], constraints: [unique(['trip', 'order'])] },
) {
  override toString() {
    return `Leg ${this.order}, ${this.kind}`
  }
}

export class Booking extends Model<Booking>()(
  {
    leg: () => foreignKey(Leg, { onDelete: 'cascade' }),
    provider: char({ maxLength: 80 }),
    reference: char({ maxLength: 20, blank: true }),
    price: decimal({ maxDigits: 8, decimalPlaces: 2, min: '0' }),
    paid: boolean({ default: false }),
  },
  { ordering: ['leg', 'id'] },
) {
  override toString() {
    return this.reference ? `${this.provider} ${this.reference}` : this.provider
  }
}
