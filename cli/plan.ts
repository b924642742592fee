import type { Command } from 'commander'
import { documentFile } from './input.ts'
import { fieldsOf, listWord, showWord, type Typed } from './list-show.ts'
import { identifier, print } from './output.ts'
import { connectService } from './service.ts'

interface PlanRow {
  id: string
  version: number
  enabled: boolean
  name: { en: string }
  steps: { id: string; minutes: number }[]
  refusedNow?: { path: string; message: string }[]
}

export function planCommands(program: Command): void {
  const plan = program
    .command('plan')
    .description('Response plans: who is told when, and by when somebody must be there')
    .addHelpText('after', '\nExample:\n  liftwatt plan list')

  listWord<PlanRow>(plan, {
    path: '/plans',
    description: 'The plans in force, by id',
    filters: [],
    example: 'liftwatt plan list',
    none: 'No plan.',
    cells: ({ id, version, enabled, name, steps, refusedNow = [] }) => [
      id,
      version === 0 ? 'as it shipped' : `version ${version}`,
      enabled ? 'on' : 'off',
      name.en,
      steps.map((step) => `${step.id} ${step.minutes}`).join(', '),
      refusedNow.map(({ path, message }) => `would be refused now: ${path}: ${message}`).join('; '),
    ],
  })

  showWord(plan, {
    description: 'One plan, with its steps',
    path: (id) => `/plans/${id}`,
    example: 'liftwatt plan show elevator-emergency --json > plan.json',
  })

  plan
    .command('set <id> <file>')
    .description('Make or change a plan, as "plan show --json" prints it; - is standard input')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Example:
  liftwatt plan set elevator-emergency plan.json
Orders that run keep the plan that they have. With the "version" that was read, it is refused when somebody changed the plan since.`,
    )
    .action(async (id: string, file: string, { json }: Typed) => {
      const path = `/plans/${identifier('<id>', id)}`
      const document = documentFile(file, 'id')
      const written = await connectService(process.env).request<object>('PUT', path, document)
      print(json === true, written, fieldsOf(written))
    })
}
