import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dutyEntryTypes } from '../../../core/duty-log.ts'
import { overhaulStates } from '../../../core/overhaul.ts'
import { suppressionTypes } from '../../../core/suppression.ts'
import { orderActions } from '../../../workorders/life/transitions.ts'
import { auditWords } from './audit-words.ts'

const root = join(import.meta.dirname, '../../..')

/** In an entry itself, and handed to a function that writes it. */
const spelled = [
  /\baction: (?:before === null \? )?'([\w.-]+)'.*\b(?:subject|after)\b/g,
  /\bconst (?:action|recorded) = '([\w.-]+)'/g,
  /'((?:site|device|gateway|team|member|roster|plan|account|contract)-\w+ed)'/g,
  /\bwrite\(.*, '(sign-ins?-failed)'/g,
]

function actionsWritten(): string[] {
  const files = ['core', 'registry', 'ingest', 'analytics', 'workorders', 'quality', 'api'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(root, folder, file)),
  )
  const own = readdirSync(root).map((file) => join(root, file))
  const sources = [...own, ...files].filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  const found = sources.flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    return spelled.flatMap((pattern) => [...text.matchAll(pattern)].map(([, action = '']) => action))
  })
  return [
    ...new Set(found),
    // a follow-up is another order: `order-followed-up`, in the sources
    ...orderActions.filter((action) => action !== 'follow-up').map((action) => `order-${action}`),
    ...suppressionTypes.flatMap((type) => [`${type}-begun`, `${type}-ended`]),
    ...dutyEntryTypes.map((type) => `duty-${type}-written`),
    ...overhaulStates.map((state) => `overhaul-${state}`),
    ...['raised', 'noted', 'accepted', 'rejected'].map((type) => `objection-${type}`),
  ]
}

test('whatever is written down has a name, and nothing else has', () => {
  expect(Object.keys(auditWords().actions).toSorted()).toEqual(actionsWritten().toSorted())
})
