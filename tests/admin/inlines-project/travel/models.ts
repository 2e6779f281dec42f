import { boolean, char, date, foreignKey, integer, Model, reverse, unique } from 'nuages/db'
import { ValidationError } from 'nuages/validators'

export class Port extends Model<Port>()({ name: char({ maxLength: 40 }) }, { ordering: ['name'] }) {
  override toString() {
    return this.name
  }
}

export class Trip extends Model<Trip>()(
  {
    name: char({ maxLength: 40, unique: true }),
    nights: integer({ default: 0, min: 0 }),
    legs: () => reverse(Leg, 'trip'),
    guests: () => reverse(Guest, 'trip'),
  },
  { ordering: ['name'] },
) {
  override toString() {
    return this.name
  }
}

export class Leg extends Model<Leg>()(
  {
    trip: () => foreignKey(Trip, { onDelete: 'cascade' }),
    name: char({ maxLength: 40 }),
    start: () => foreignKey(Port, { onDelete: 'protect', null: true, blank: true }),
    end: () => foreignKey(Port, { onDelete: 'protect', null: true, blank: true }),
    day: date({ null: true, blank: true }),
    sure: boolean({ default: true }),
    bookings: () => reverse(Booking, 'leg'),
  },
  { ordering: ['id'], constraints: [unique(['trip', 'name'])] },
) {
  override toString() {
    return this.name
  }
  override clean() {
    if (this.name === 'never') throw new ValidationError({ name: 'Not this.' })
  }
}

export class Booking extends Model<Booking>()(
  {
    leg: () => foreignKey(Leg, { onDelete: 'cascade' }),
    code: char({ maxLength: 12 }),
    seats: integer({ default: 1, min: 1 }),
  },
  { ordering: ['id'] },
) {
  override toString() {
    return this.code
  }
}

/** The table between trips and people: a many-to-many relation with columns of its own. */
export class Guest extends Model<Guest>()(
  {
    trip: () => foreignKey(Trip, { onDelete: 'cascade' }),
    person: () => foreignKey(Person, { onDelete: 'cascade' }),
    role: char({ maxLength: 20, blank: true, default: '' }),
  },
  { ordering: ['id'], constraints: [unique(['trip', 'person'])] },
) {
  override toString() {
    return this.role || 'guest'
  }
}
export class Person extends Model<Person>()({ name: char({ maxLength: 40 }) }, { ordering: ['name'] }) {
  override toString() {
    return this.name
  }
}
