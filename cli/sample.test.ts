import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import { programFor } from './words.ts'

const directory = mkdtempSync(join(tmpdir(), 'liftwatt-sample-'))
const file = join(directory, 'ids.txt')
const printed: string[] = []
vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text))
beforeEach(() => void printed.splice(0))
afterAll(() => {
  vi.restoreAllMocks()
  rmSync(directory, { recursive: true })
})

async function sample(...words: string[]): Promise<string> {
  await (await programFor('sample')).parseAsync(['node', 'liftwatt', 'sample', ...words])
  return printed.join('\n')
}
const drawnBy = ['--seed', 'spring-in-hangzhou', '--month', '2026-12']

test('the worked example of docs/inspections.md, from a file with blank lines, a BOM and an id that stands twice', async () => {
  writeFileSync(file, '\ufeffelv-4\r\nelv-2\n\nelv-1\nelv-5\nelv-3\nelv-6\nelv-2\n')
  const commitment = 'd8088718f8fee1f28e4ac304eb5444fb3687cdbd663868c315dbb85cd43f55f3'
  const text = await sample(...drawnBy, '--share', '0.5', '--commitment', commitment, file)
  expect(text.split('\n')).toEqual([
    '0374596321f1029c60cdc0265b94667e9893182f0802499d6f61432d1fa1e431  elv-2',
    '269f865bc65b59a1f1f0496e7e5dcc55d3eb2796168cafc39d3a1956ee22e8a8  elv-1',
    '48fb6ad55654f8585ed9b919ec9e595391cfb989864ceb9611141d7fcee79416  elv-5',
    '3 of 6 elevators drawn for 2026-12',
    `SHA-256 of the seed       ${commitment}`,
    'SHA-256 of the elevators  9259c18ba4ecd2795dca9fea22f30579715dfb0ae7b1f58ce699364b8d7a1aef',
  ])
  printed.splice(0)
  const mixed = await sample(...drawnBy, '--public-value', '03-07-12-19-26-31+08', '--count', '2', file)
  expect(mixed.split('\n').slice(0, 2)).toEqual([
    '12338b034dffb106878b6077f4d6c794abaae76ec6aacdd836ac1c61c7be6376  elv-5',
    '55b11f7c6abea61f23ea1f7dd3911f49309df96c403b797cf9f5a72870ca86f5  elv-1',
  ])
  printed.splice(0)
  const asJson = JSON.parse(await sample(...drawnBy, '--count', '1', '--json', file))
  expect(asJson).toMatchObject({ population: 6, drawn: [{ id: 'elv-2' }], cutOff: expect.stringMatching(/^0374/) })
})

test.each([
  ['another seed than was committed to', [...drawnBy, '--commitment', 'f'.repeat(64)], 'The seed is not the one'],
  ['other elevators', [...drawnBy, '--population', 'f'.repeat(64)], 'The list of elevators is not the one'],
  ['a seed of two lines', ['--seed', 'a\nb'], '--seed is'],
  ['no month', [...drawnBy.slice(0, 2), '--month', '2026-13'], '--month is'],
  ['too large a share', [...drawnBy, '--share', '5'], '--share is'],
  ['two sizes', [...drawnBy, '--share', '0.5', '--count', '3'], 'not both'],
])('refused: %s', async (_, words, message) => {
  writeFileSync(file, 'elv-1\n')
  await expect(sample(...words, file)).rejects.toThrow(message)
})

test('a line that is no id is named, and so is a file that is not there', async () => {
  writeFileSync(file, 'elv-1\nelv 2\n')
  await expect(sample(...drawnBy, file)).rejects.toThrow('line 2 is no id of an elevator: "elv 2"')
  await expect(sample(...drawnBy, join(directory, 'none'))).rejects.toThrow('cannot be read')
})
