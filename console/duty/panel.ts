import { signal } from '@preact/signals'

/** What is open over the room, beside what an action asks. */
export const panel = signal<'handover' | 'shelves' | 'keys' | 'search' | 'call' | null>(null)

export const closePanel = () => {
  panel.value = null
}
