import { signal } from '@preact/signals'

/** The time under the pointer, in whichever chart; null = none is pointed at. */
export const pointAt = signal<number | null>(null)
export function point(at: number | null): void {
  pointAt.value = at
}

/** Name of the charts whose cursors move together. */
export const together = 'device'
