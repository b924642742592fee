import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { programFor } from './words.ts'

const program = await programFor('')
const all = [program, ...below(program)]

test('the help of every word has an example with it', () => {
  expect(all.length).toBeGreaterThan(35)
  expect(all.filter((command) => !hasExample(command)).map(pathOf)).toEqual([])
})

test('every word answers as JSON, or its help says that it does not', () => {
  const doing = all.filter(({ commands }) => commands.length === 0)
  const has = ({ options }: Command) => options.some(({ long }) => long === '--json')
  const denies = (command: Command) => helpOf(command).includes('There is no --json')
  expect(doing.filter((command) => has(command) === denies(command)).map(pathOf)).toEqual([])
})

test('"user" is the word "account", and loads nothing else', async () => {
  const { commands } = await programFor('user')
  expect(commands.map((command) => [command.name(), command.alias()])).toEqual([['account', 'user']])
})

test('what is no word loads them all, so that the help can name them', async () => {
  expect((await programFor('constructor')).commands).toHaveLength(program.commands.length)
})

function below(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...below(child)])
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}

function hasExample(command: Command): boolean {
  const [, examples = ''] = helpOf(command).split(/^Examples?:$/m)
  return examples.split('\n').some((line) => /^ {2}(\w+=\S+ )*liftwatt /.test(line) && line.includes(command.name()))
}

/** As `--help` prints it. */
function helpOf(command: Command): string {
  const parts: string[] = []
  command.configureOutput({ writeOut: (part) => parts.push(part) }).outputHelp()
  return parts.join('')
}
