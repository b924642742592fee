/**
 * Writes each rule's section into its finding's page. From the folder of the checkout: `npm run build && node dist/docs/build.js`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { allDetectors, pageName, withRuleSection } from './rule-section.ts'

for (const detector of allDetectors) {
  const file = join('docs', 'runbooks', pageName(detector.id))
  const page = readFileSync(file, 'utf8')
  const made = withRuleSection(page, detector)
  if (made !== page) console.log(file)
  writeFileSync(file, made)
}
