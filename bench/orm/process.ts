/** A process with one library: `process.ts FILE EXPORT DATABASE URL`. Answers one question at a time over IPC. */
import { cpuOf, timesFor } from '../lib/pairs.ts'
import { type Answer, answersOf, type Question, worksByRow } from './measured.ts'

const [file = '', name = '', database = '', url = ''] = process.argv.slice(2)
const module = await import(file)
const works = await module[name](database, url)
const byRow = worksByRow(works)

async function answer(question: Question): Promise<Answer> {
  if (question.t === 'check') return answersOf(works)
  const work = byRow[question.row]
  if (question.t === 'warm') {
    // Twice as long as told: how often counts only once the code is compiled.
    await timesFor(work, question.milliseconds)
    return timesFor(work, question.milliseconds)
  }
  return cpuOf(work, question.times)
}

process.on('message', (question: Question) => {
  answer(question).then(
    (value) => process.send!(value),
    (error: unknown) => {
      console.error(`${file} ${name} on ${database}:`, error)
      process.exit(1)
    },
  )
})
process.on('disconnect', async () => {
  await works.close()
  process.exit(0)
})
process.send!('ready')
