// The marks of the first hour, what was measured, and whether it is enough.

/**
 * @typedef {{ name: string, unit: string, most: number, timing: boolean }} Mark
 * `timing`: depends on the machine, so it fails the script only beyond twice the mark, and only in CI; the others always.
 */

/** @type {Record<string, Mark>} */
const MARKS = {
  firstPage: { name: 'empty folder to the first admin page', unit: 's', most: 30, timing: true },
  files: { name: 'files of a new project', unit: 'files', most: 10, timing: false },
  packages: { name: 'packages in production', unit: 'packages', most: 60, timing: false },
  megabytes: { name: 'production tree', unit: 'MB', most: 60, timing: false },
  startToPage: { name: 'start to the first admin page', unit: 's', most: 1, timing: true },
  memory: { name: 'memory in development', unit: 'MB', most: 150, timing: true },
  saveToPage: { name: 'save to the reloaded page', unit: 'ms', most: 500, timing: true },
  types: { name: 'tsc --noEmit', unit: 's', most: 1.5, timing: true },
}

/** What was measured, by the names above; `notes` are shown with no mark. */
export function createFigures() {
  const figures = {}
  const notes = {}
  return {
    figures,
    notes,
    /** @param {keyof typeof MARKS} name @param {number} value */
    set(name, value) {
      figures[name] = Math.round(value * 100) / 100
    },
    note(name, value) {
      notes[name] = typeof value === 'number' ? Math.round(value * 100) / 100 : value
    },
  }
}

/** Prints each mark as reached or not. Gives the names of those that make the script fail. */
export function report({ figures, notes }, { ci }) {
  const failed = []
  console.log('\nThe first hour')
  for (const [name, mark] of Object.entries(MARKS)) {
    const value = figures[name]
    const reached = value !== undefined && value <= mark.most
    const fatal = value === undefined || (!reached && (!mark.timing || (ci && value > 2 * mark.most)))
    if (fatal) failed.push(mark.name)
    const shown = value === undefined ? 'not measured' : `${value} ${mark.unit}`
    console.log(
      `  ${reached ? 'reached    ' : 'NOT REACHED'}  ${mark.name.padEnd(38)} ${shown.padStart(14)}   (at most ${mark.most})`,
    )
  }
  console.log()
  for (const [name, value] of Object.entries(notes)) console.log(`  ${name.padEnd(51)} ${value}`)
  return failed
}

/** What goes to `bench/results/first-hour.json`. */
export function results({ figures, notes }, machine) {
  const marks = Object.fromEntries(
    Object.entries(MARKS).map(([name, { unit, most }]) => [
      name,
      { value: figures[name] ?? null, unit, most, reached: (figures[name] ?? Number.POSITIVE_INFINITY) <= most },
    ]),
  )
  return { machine, marks, notes }
}
