import { setTimeout as delay } from 'node:timers/promises'
import type { OperationsStore } from '../stores/operations/port.ts'

export interface HealthCheck {
  readonly name: string
  readonly ok: boolean
  /** One sentence in English: how it is, or what is wrong and what to do. */
  readonly text: string
}

export interface HealthReport {
  readonly checks: readonly HealthCheck[]
}

const pingTimeoutMs = 3_000

/** What the process says of itself, and whether the operations database answers at this moment. */
export async function currentHealth(health: () => HealthReport, operations: Pick<OperationsStore, 'ping'>) {
  const database = await databaseCheck(operations)
  const checks = [database, ...health().checks]
  return { checks, isWell: checks.every((check) => check.ok), databaseAnswers: database.ok }
}

/** One sentence on what does not work; null when all is well. */
export function whatIsWrong({ checks }: { checks: readonly HealthCheck[] }): string | null {
  const failing = checks.filter((check) => !check.ok)
  return failing.length === 0 ? null : failing.map(({ name, text }) => `${name}: ${text}`).join('; ')
}

async function databaseCheck(operations: Pick<OperationsStore, 'ping'>): Promise<HealthCheck> {
  const name = 'operations database'
  const answered = await Promise.race([
    operations.ping().then(
      () => true,
      () => false,
    ),
    delay(pingTimeoutMs, false, { ref: false }),
  ])
  return answered
    ? { name, ok: true, text: 'It answers' }
    : { name, ok: false, text: 'It does not answer; readings are still taken and wait in the journal' }
}
