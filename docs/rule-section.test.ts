import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { allDetectors, pageName, withRuleSection } from './rule-section.ts'

test.each(allDetectors.map((detector) => [detector.id, detector] as const))(
  'the page of %s says what its rule does now',
  (id, detector) => {
    const page = readFileSync(join(import.meta.dirname, 'runbooks', pageName(id)), 'utf8')

    expect(withRuleSection(page, detector)).toBe(page)
  },
)
