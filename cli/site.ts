import type { Command } from 'commander'
import { siteTypes } from '../core/site.ts'
import { importCommand } from './import.ts'
import { fieldsOf, listWord, showWord, type Typed } from './list-show.ts'
import { identifier, print } from './output.ts'
import { connectService } from './service.ts'

interface SiteRow {
  id: string
  type: string
  name: string
  parentId: string | null
  address: string | null
}

export function siteCommands(program: Command): void {
  const site = program
    .command('site')
    .description('Districts, estates, buildings and units')
    .addHelpText('after', '\nExample:\n  liftwatt site list --type building')
  importCommand(site)

  listWord<SiteRow>(site, {
    path: '/sites',
    description: 'Sites, by id',
    filters: [
      ['--type <type>', siteTypes.join(', ')],
      ['--parent <id>', 'directly in this site'],
      ['--text <text>', 'part of its id, name or address'],
    ],
    apiNames: { parent: 'parentId' },
    example: 'liftwatt site list --type building --parent garden',
    none: 'No such site.',
    cells: ({ id, type, name, parentId, address }) => [id, type, name, parentId, address],
  })

  showWord(site, {
    description: 'One site: where it is, how a crew gets in, whom to call',
    path: (id) => `/sites/${id}`,
    example: 'liftwatt site show garden-7',
  })

  site
    .command('add <id>')
    .description('Add a site; its contacts come with "site import --kind contacts"')
    .requiredOption('--type <type>', siteTypes.join(', '))
    .requiredOption('--name <text>', 'what people call it')
    .option('--parent <id>', 'the site that it is in')
    .option('--use <use>', 'of a building: residential, rental, hotel, …')
    .option('--address <text>')
    .option('--entrance <text>', 'how a crew gets in')
    .option('--emergency-plan <text>')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  liftwatt site add garden-7 --type building --name "Garden 7" --parent garden --entrance "gate code 4711"',
    )
    .action(async (id: string, { json, parent, ...said }: Typed) => {
      const body = { id: identifier('<id>', id), ...said, ...(parent !== undefined && { parentId: parent }) }
      const made = await connectService(process.env).request<SiteRow>('POST', '/sites', body)
      print(json === true, made, fieldsOf(made))
    })

  site
    .command('export')
    .description('All of a kind as CSV, as "site import" takes it. There is no --json: "site list --json" is that.')
    .option('--kind <kind>', 'sites, devices, contacts or contracts', 'sites')
    .addHelpText('after', '\nExample:\n  liftwatt site export --kind contacts > contacts.csv')
    .action(async ({ kind }: { kind: string }) => {
      const query = new URLSearchParams({ kind })
      process.stdout.write(await connectService(process.env).download(`/sites/export?${query}`))
    })
}
