import { AbstractModel, boolean, dateTime } from 'nuages/db'

export abstract class Archivable extends AbstractModel(
  { archived: boolean({ default: false }) },
  { ordering: ['archived'] },
) {
  describe(): string {
    return this.archived ? 'archived' : 'live'
  }
}
export abstract class Timestamped extends AbstractModel(
  {
    createdAt: dateTime({ autoNowAdd: true }),
    updatedAt: dateTime({ autoNow: true }),
  },
  { extends: Archivable },
) {
  override describe() {
    return `${super.describe()} since ${this.createdAt.getUTCFullYear()}`
  }
}
