// Models of this app, each exported. After a change: npx nuages migrate --make
//
// import { char, Model } from 'nuages/db'
//
// export class Thing extends Model<Thing>()({
//   name: char({ maxLength: 100 }),
// }) {
//   override toString() {
//     return this.name
//   }
// }

export {}
