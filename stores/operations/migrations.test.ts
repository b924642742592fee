import { readFileSync } from 'node:fs'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'
import { expect, test } from 'vitest'
import * as schema from './schema.ts'

const read = (name: string) => JSON.parse(readFileSync(new URL(`./migrations/meta/${name}`, import.meta.url), 'utf8'))

test('the schema is what the newest migration says, so that the next one is made from there', async () => {
  const { idx } = read('_journal.json').entries.at(-1)
  const newest = read(`${String(idx).padStart(4, '0')}_snapshot.json`)
  expect(await generateMigration(newest, generateDrizzleJson(schema, newest.id))).toEqual([])
})
