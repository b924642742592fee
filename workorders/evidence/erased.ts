import { type ErasedEvents, type ErasureReceipt, eventKey } from '../../core/erasure.ts'
import { type Operations, pagesOf } from '../../stores/operations/port.ts'

export interface Erased {
  readonly events: ErasedEvents
  /** Evidence files that are gone: what each is without the names. */
  readonly files: ReadonlyMap<string, string>
}

const erasuresAtOnce = 100

/** What erasures say of what they changed, the newest of each last. */
export async function erasedIn(operations: Operations): Promise<Erased> {
  const events = new Map<string, string>()
  const files = new Map<string, string>()
  for await (const ids of pagesOf(erasuresAtOnce, (page) => operations.erasures(page))) {
    for (const id of ids) {
      const [event] = await operations.recordEventsOf(id)
      const receipt = event?.data as Partial<ErasureReceipt> | undefined
      // newest first: what an earlier one left was changed again since
      for (const { chainId, number, left } of receipt?.events ?? []) {
        const key = eventKey(chainId, number)
        if (!events.has(key)) events.set(key, left)
      }
      for (const { sha256, redactedAs } of receipt?.files ?? []) files.set(sha256, redactedAs)
    }
  }
  return { events, files }
}
