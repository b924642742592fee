import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { ServiceUnderTest } from './service.ts'

/**
 * Moves an open deadline of a service's own database, so that nobody has to wait for minutes. PostgreSQL outlives a killed service,
 * until the next start adopts it: this works in between, too.
 */
export async function moveDeadline(
  service: ServiceUnderTest,
  { orderId, stepId, dueAt }: { orderId: string; stepId: string; dueAt: number },
): Promise<void> {
  const postgres = join(service.directory, 'postgres')
  const { applicationPassword } = JSON.parse(await readFile(join(postgres, 'secret.json'), 'utf8'))
  // lines 4 and 5 of postmaster.pid: port and socket directory
  const [, , , port, host] = (await readFile(join(postgres, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')
  const [user, database] = ['liftwatt', 'liftwatt']
  const client = new pg.Client({ host, port: Number(port), user, database, password: applicationPassword })
  await client.connect()
  try {
    const { rowCount } = await client.query(
      `update deadlines set due_at = $3, next_attempt_at = $3 where order_id = $1 and step ->> 'id' = $2 and state = 'open'`,
      [orderId, stepId, new Date(dueAt)],
    )
    if (rowCount !== 1) throw new Error(`there is no open deadline ${stepId}`)
  } finally {
    await client.end()
  }
}
