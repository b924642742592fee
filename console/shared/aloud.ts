import { signal } from '@preact/signals'

/** What was said, with the words of then: they do not change when a name is read later, or the language is another. */
export interface Sentence {
  readonly id: number
  readonly text: string
}

const sentencesKept = 3
let sentences = 0

/** Interrupts what is being read: somebody may be in danger. */
export const saidAtOnce = signal<readonly Sentence[]>([])
/** Waits for the end of a sentence. */
export const saidInTurn = signal<readonly Sentence[]>([])

/** To who hears the screen, wherever the focus is. Once: who says it again says it twice. */
export function sayAloud(when: 'at-once' | 'in-turn', text: string): void {
  sentences += 1
  const said = when === 'at-once' ? saidAtOnce : saidInTurn
  said.value = [...said.peek(), { id: sentences, text }].slice(-sentencesKept)
}

/** So many were said, of whoever was at this screen. */
export const saidSoFar = () => sentences

export function forgetSaid(): void {
  saidAtOnce.value = []
  saidInTurn.value = []
}
