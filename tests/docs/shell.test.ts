/** Commands of the pages exist, with the options and arguments they are shown with. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isCommand } from 'nuages/cli'
import { beforeAll, expect, test } from 'vitest'
import { startProject } from '../../bin/startproject.js'
import type { AnyCommand } from '../../src/cli/command.ts'
import { builtInCommands } from '../../src/cli/commands.ts'
import { parseCommandLine, splitName } from '../../src/cli/parse.ts'
import { allPages, root } from './blocks.ts'

const pages = allPages()
const commands = new Map<string, AnyCommand>()
const scripts = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts)

beforeAll(async () => {
  for (const [name, entry] of Object.entries(builtInCommands)) commands.set(name, (await entry.load()).default)
  for (const room of readdirSync(join(root, 'src'))) {
    const folder = join(root, 'src', room, 'commands')
    if (room === 'cli' || !existsSync(folder)) continue
    for (const file of readdirSync(folder).filter((name) => /^[a-z].*\.ts$/.test(name))) {
      const { default: command } = (await import(join(folder, file))) as { default?: unknown }
      if (isCommand(command)) commands.set(file.slice(0, -'.ts'.length), command)
    }
  }
})

/** Words of a line as a shell makes them; a comment at its end is none. */
function words(line: string): string[] {
  const plain = line.replace(/\s#.*$/, '').replace(/\s[<|>&].*$/, '')
  return [...plain.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, word]) => double ?? single ?? word!)
}

/** What is wrong with the command line `nuages …`; null when nothing is. */
function problemOf(line: string, own: ReadonlySet<string>): string | null {
  const { name, rest } = splitName(words(line).slice(1))
  if (name === undefined || name.startsWith('<') || own.has(name)) return null
  const command = commands.get(name)
  if (command === undefined) return `${line}: there is no command ${name}`
  try {
    parseCommandLine(name, command, rest)
    return null
  } catch (error) {
    return `${line}: ${(error as Error).message}`
  }
}

const lines = pages.flatMap((page) => {
  const own = new Set(page.blocks.flatMap(({ file }) => /commands\/(\w+)\.ts$/.exec(file ?? '')?.[1] ?? []))
  const blocks = page.blocks.filter((block) => block.language === 'sh' || block.language === '')
  const shown = blocks.flatMap((block) => block.text.split('\n').flatMap((line) => line.split(' && ')))
  return shown.filter((line) => line.trim() !== '').map((line) => ({ at: page.path, line: line.trim(), own }))
})

test('the names and options of nuages in blocks of commands', () => {
  const ours = lines.filter(({ line }) => /^(?:npx )?nuages\b/.test(line))
  expect(ours.length).toBeGreaterThan(10)
  const problems = ours.map(({ at, line, own }) => {
    const problem = problemOf(line.replace(/^npx /, ''), own)
    return problem === null ? null : `${at}: ${problem}`
  })
  expect(problems.filter((problem) => problem !== null)).toEqual([])
})

test('the names of commands in the text', () => {
  const problems = pages.flatMap((page) => {
    const own = new Set(page.blocks.flatMap(({ file }) => /commands\/(\w+)\.ts$/.exec(file ?? '')?.[1] ?? []))
    const prose = readFileSync(join(root, page.path), 'utf8').replace(/^```[\s\S]*?^```/gm, '')
    return [...prose.matchAll(/`(?:npx )?nuages ([a-z]+)\b[^`]*`/g)]
      .map(([, name]) => name!)
      .filter((name) => !commands.has(name) && !own.has(name))
      .map((name) => `${page.path}: ${name}`)
  })
  expect(problems).toEqual([])
})

test('the scripts of npm', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'nuages-docs-')), 'mysite')
  startProject({ name: 'mysite', folder, nuages: '*' })
  const project = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  rmSync(dirname(folder), { recursive: true })
  const known = [...scripts, ...Object.keys(project.scripts)]
  const named = lines.flatMap(({ at, line }) => {
    const script = /^npm (?:run )?(start|test|(?<=run )[\w:-]+)/.exec(line)?.[1]
    return script === undefined || known.includes(script) ? [] : [`${at}: ${line}`]
  })
  expect(named).toEqual([])
})
