/**
 * Writes `dashboards/generated/*.json`. From the folder of the checkout: `npm run build && node dist/dashboards/build.js`.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generatedFiles } from './dashboards.ts'

const directory = join('dashboards', 'generated')
for (const [name, content] of generatedFiles()) {
  const file = join(directory, name)
  writeFileSync(file, content)
  console.log(file)
}
