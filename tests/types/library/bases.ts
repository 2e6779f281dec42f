// Abstract bases live outside the models' import cycle: `extends: Timestamped` is read while those are evaluated.
import { AbstractModel, dateTime } from 'nuages/db'

export abstract class Timestamped extends AbstractModel({
  createdAt: dateTime({ autoNowAdd: true }),
  updatedAt: dateTime({ autoNow: true }),
}) {
  get age() {
    return Date.now() - this.createdAt.getTime()
  }
  /** Overridden by a method in a subclass: members of a base must stay methods for the compiler. */
  describe(): string {
    return this.createdAt.toISOString()
  }
}
