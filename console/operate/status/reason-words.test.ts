import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { quarantineReasons } from '../../../core/quarantine.ts'
import { reasonText, reasonWords } from './reason-words.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/mqtt.md'), 'utf8')

test('whatever the page about the door calls a refusal has a word', () => {
  const [, refusals = ''] = page.split('These close the connection')
  const [section = ''] = refusals.split('\n## ')
  const named = [...section.matchAll(/`([a-z]+(?:-[a-z0-9]+)*)`/g)].map(([, reason = '']) => reason)
  const told = new Set([...named.filter((reason) => reason !== 'revoke'), ...quarantineReasons])
  expect(Object.keys(reasonWords()).toSorted()).toEqual([...told].toSorted())
})

test('a reason without a word stands as the service calls it', () => {
  expect([reasonText('toString'), reasonText('new-reason')]).toEqual(['toString', 'new-reason'])
})
