import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { ApiProblem, isForLater, newKey, post } from '../../shared/api.ts'
import { forget, recall, remember } from '../../shared/memory.ts'
import type { InspectionDetail, ItemFinding } from '../wire-records.ts'

/*
 * What was said in the car and the service has not taken yet. It is kept by this browser for this account, whichever tab it was said in, so
 * that neither a lost link nor a reload loses it, and sent when there is a link again, each under its own key: the service does it once.
 */

export interface Unsent {
  /** The request's Idempotency-Key. */
  readonly key: string
  readonly finding: ItemFinding
  /** The service has it; it stands here until the inspection was read anew. */
  readonly isTaken: boolean
}

/** The service has refused one, and will again; what is said after it waits. */
export interface Refusal {
  readonly refused: Unsent
  readonly cause: ApiProblem
}

export interface UnsentSheet {
  readonly items: Signal<readonly Unsent[]>
  /** Those that the service has not taken. */
  readonly waiting: ReadonlySignal<readonly Unsent[]>
  readonly refusal: Signal<Refusal | null>
  /** In place of what was said of the item before, also of what was refused. */
  say(finding: ItemFinding): void
  /** Sends what waits, one after the other, until one is not answered or refused. */
  send(readAnew: () => Promise<boolean>): Promise<void>
  /** Somebody has read why one was refused. */
  tryAgain(): void
  giveUp(these: readonly Unsent[]): void
}

const sheets = new Map<string, UnsentSheet>()

/** What this account has said about this inspection. */
export function unsentOf(accountId: string, inspectionId: string): UnsentSheet {
  const name = `inspection.${accountId} ${inspectionId}`
  const sheet = sheets.get(name) ?? createSheet(name, inspectionId)
  sheets.set(name, sheet)
  return sheet
}

/** As it will be once all that was said is sent: what was said last of an item holds. */
export function withUnsent(inspection: InspectionDetail, items: readonly Unsent[]): InspectionDetail {
  const said = new Set(items.map(({ finding }) => finding.item))
  const others = inspection.findings.filter(({ item }) => !said.has(item))
  return { ...inspection, findings: [...others, ...items.map(({ finding }) => finding)] }
}

/** For good: whoever signs in again is answered otherwise. */
function isRefusal(cause: unknown): cause is ApiProblem {
  return cause instanceof ApiProblem && !isForLater(cause) && cause.code !== 'unauthenticated'
}

function createSheet(name: string, inspectionId: string): UnsentSheet {
  const items = signal<readonly Unsent[]>(read(name))
  const waiting = computed(() => items.value.filter(({ isTaken }) => !isTaken))
  const refusal = signal<Refusal | null>(null)
  let isSending = false

  let isKept = true
  /** Another tab may have said or sent something. */
  const known = () => (isKept ? read(name) : items.peek())

  function change(edit: (items: readonly Unsent[]) => readonly Unsent[]): void {
    const next = edit(known())
    items.value = next
    const text = next.length === 0 ? null : JSON.stringify(next)
    if (text === null) forget(name)
    else remember(name, text)
    isKept = recall(name) === text
    if (!next.some(({ key }) => key === refusal.peek()?.refused.key)) refusal.value = null
  }

  /** False when it has to wait. */
  async function sendOne(one: Unsent): Promise<boolean> {
    const isStillSaid = () => known().some(({ key }) => key === one.key)
    try {
      await post(`/quality/inspections/${inspectionId}/score`, { findings: [one.finding] }, one.key)
    } catch (cause) {
      if (!isRefusal(cause)) return false
      if (!isStillSaid()) return true
      refusal.value = { refused: one, cause }
      return false
    }
    change((items) => items.map((other) => (other.key === one.key ? { ...other, isTaken: true } : other)))
    return true
  }

  return {
    items,
    waiting,
    refusal,
    say(finding) {
      const unsent = { key: newKey(), finding, isTaken: false }
      change((items) => [...items.filter(({ finding: other }) => other.item !== finding.item), unsent])
    },
    async send(readAnew) {
      if (isSending || refusal.peek() !== null) return
      isSending = true
      change((items) => items)
      try {
        for (let [next] = waiting.peek(); next !== undefined; [next] = waiting.peek()) if (!(await sendOne(next))) break
        const taken = new Set(items.peek().flatMap(({ key, isTaken }) => (isTaken ? [key] : [])))
        // also after a refusal: a colleague may have ended the inspection
        const isOther = taken.size > 0 || refusal.peek() !== null
        if (isOther && (await readAnew())) change((items) => items.filter(({ key }) => !taken.has(key)))
      } finally {
        isSending = false
      }
    },
    tryAgain() {
      refusal.value = null
    },
    giveUp(these) {
      const keys = new Set(these.map(({ key }) => key))
      change((items) => items.filter(({ key }) => !keys.has(key)))
    },
  }
}

function read(name: string): Unsent[] {
  try {
    return JSON.parse(recall(name) ?? '[]')
  } catch {
    return []
  }
}
