/**
 * The ORM against the driver by hand and against other libraries, on SQLite and PostgreSQL; see README.md. Each library
 * has a process of its own, and several of them, one after another: what V8 makes of the same code differs from process
 * to process.
 */
import { isDeepStrictEqual, parseArgs } from 'node:util'
import type { Child } from './lib/child.ts'
import { installPeers } from './lib/peers.ts'
import { type DatabaseName, databases, inserting, type RowName, rowsOf } from './orm/contract.ts'
import { type Data, openData } from './orm/data.ts'
import { hand, type Library, nuages, others, skip, start } from './orm/libraries.ts'
import { Costs, isClose, write } from './orm/report.ts'

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    database: { type: 'string' },
    peers: { type: 'string' },
    processes: { type: 'string' },
    profile: { type: 'string' },
  },
})
const only = given.only
const chosen = databases.filter((name) => given.database === undefined || name === given.database)
const peers = others.filter(({ name }) => given.peers === undefined || given.peers.split(',').includes(name))
/**
 * Milliseconds of a sample, about; samples of one process; processes of each library, and of Nuages, the hand and whoever is close to
 * Nuages after the first: one process is faster or slower than the next by a tenth.
 */
const sample = given.quick ? 20 : 30
const rounds = given.quick ? 5 : 7
/** How often each row is warmed up, four samples long and more each time, before it is measured. */
const warmUps = given.quick ? 1 : 2
const few = Number(given.processes ?? (given.quick ? 1 : 3))
const many = Number(given.processes ?? (given.quick ? 3 : 6))

/** The libraries of one round of processes: each is asked in turn, row by row. */
async function measure(database: DatabaseName, data: Data, libraries: readonly Library[], costs: Costs): Promise<void> {
  const flags = ({ name }: Library): string[] =>
    given.profile !== undefined && name === 'nuages' ? ['--cpu-prof', `--cpu-prof-dir=${given.profile}`] : []
  const running: (readonly [Library, Child])[] = []
  try {
    for (const library of libraries) running.push([library, await start(library, database, data.url, flags(library))])
    await compare(database, data, running)
    // What all rows go through is compiled before the first of them is measured.
    for (const [, child] of running) await child.ask({ t: 'warm', row: 'get by pk', milliseconds: 250 })
    for (const row of rowsOf(database).filter((name) => name.includes(only)))
      await measureRow(row, data, running, costs)
  } finally {
    for (const [, child] of running) await child.stop()
  }
}

/** Nothing is measured of a library that gives other rows than the hand does. */
async function compare(database: DatabaseName, data: Data, running: readonly (readonly [Library, Child])[]) {
  let expected: unknown
  for (const [{ name }, child] of running) {
    const answers = await child.ask({ t: 'check' })
    await data.forget()
    expected ??= answers
    if (!isDeepStrictEqual(answers, expected)) throw new Error(`${name} gives other rows on ${database} than the hand.`)
  }
}

async function measureRow(
  row: RowName,
  data: Data,
  running: readonly (readonly [Library, Child])[],
  costs: Costs,
): Promise<void> {
  const clean = async (): Promise<void> => {
    if (inserting.has(row)) await data.forget()
  }
  const times: number[] = []
  for (const [, child] of running) {
    // Long enough for the compiler: a short operation is told to run for as long as a dear one.
    let count = 0
    for (let i = 0; i < warmUps; i++) {
      count = await child.ask<number>({ t: 'warm', row, milliseconds: sample * 4 })
      await clean()
    }
    times.push(Math.max(1, Math.round(count / 4)))
  }
  const samples = running.map((): number[] => [])
  const order = [...running.keys()]
  for (let round = 0; round < rounds; round++) {
    // In opposite orders by turns, so that what grows falls on all.
    for (const i of round % 2 === 0 ? order : order.toReversed()) {
      samples[i]!.push(await running[i]![1].ask<number>({ t: 'sample', row, times: times[i]! }))
      await clean()
    }
  }
  for (const i of order) costs.add(running[i]![0].name, row, samples[i]!, samples[0]!)
}

if (peers.length > 0) installPeers()
const measured: (readonly [DatabaseName, Costs, readonly Library[]])[] = []
const skipped: string[] = []
for (const database of chosen) {
  const able = peers.filter((library) => {
    const reason = skip(library, database)
    if (reason !== null) skipped.push(`${library.name} was not measured on ${database}: ${reason}.`)
    return reason === null
  })
  const data = await openData(database)
  const costs = new Costs()
  try {
    for (let process = 0; process < Math.max(many, few); process++) {
      const asked = process < few ? able : able.filter((library) => isClose(library, costs, rowsOf(database)))
      await measure(database, data, [hand, nuages, ...asked], costs)
    }
  } finally {
    await data.close()
  }
  measured.push([database, costs, [hand, nuages, ...able]])
}
write(
  measured,
  `CPU microseconds an operation of the client's process, one operation after another, each awaited. Medians over ${many} processes of Nuages, of the hand and of whoever is within a third of Nuages on a row, ${few} of each other library, ${rounds} interleaved samples of about ${sample} ms each; ratios are to the hand's samples of the same rounds. The interval is over processes.`,
  skipped,
)
