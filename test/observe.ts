import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import type { ServiceUnderTest } from './service.ts'

const pageBytes = 4096

/** Resident memory of the process, bytes, from /proc/<pid>/statm. */
export async function residentBytes(pid: number): Promise<number> {
  const statm = await readFile(`/proc/${pid}/statm`, 'utf8')
  return Number(statm.split(' ')[1]) * pageBytes
}

export function megabytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024)
}

/** One number of /metrics; 0 while it does not stand there. `name` may have its labels. */
export async function metric(service: ServiceUnderTest, name: string): Promise<number> {
  const text = await (await fetch(`${service.httpUrl}/metrics`)).text()
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `))
  return Number(line?.slice(name.length + 1) ?? 0)
}

export async function isAlive(service: ServiceUnderTest): Promise<boolean> {
  return (await fetch(`${service.httpUrl}/healthz`)).ok
}

export interface AuditRow {
  readonly actor: string
  readonly action: string
  readonly subject: string
  readonly data: { readonly address?: string; readonly text?: string; readonly count?: number }
}

/** The audit trail as it stands in the database: the API does not show it yet. */
export async function auditOf(service: ServiceUnderTest): Promise<AuditRow[]> {
  const postgres = join(service.directory, 'postgres')
  const { applicationPassword } = JSON.parse(await readFile(join(postgres, 'secret.json'), 'utf8'))
  // lines 4 and 5 of postmaster.pid: port and socket directory
  const [, , , port, host] = (await readFile(join(postgres, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')
  const client = new Client({
    host,
    port: Number(port),
    user: 'liftwatt',
    database: 'liftwatt',
    password: applicationPassword,
  })
  await client.connect()
  try {
    const { rows } = await client.query<AuditRow>('select actor, action, subject, data from audit order by id')
    return rows
  } finally {
    await client.end()
  }
}
