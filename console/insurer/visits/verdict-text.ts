import { valueText } from '../figure-text.ts'
import type { Visit } from '../wire-records.ts'
import { visitWords } from './visit-words.ts'

/** What telemetry showed, in the reader's language, as far as the verdict says what it rests on. */
export function verdictSentences({ verdictEvidence, verdictText }: Visit): string[] {
  const say = visitWords().sentence
  const number = (name: string) => {
    const value = verdictEvidence?.[name]
    return typeof value === 'number' ? value : null
  }
  const [minutes, needed, coverage] = [number('inspectionMinutes'), number('neededMinutes'), number('coverage')]
  if (minutes === null || needed === null || coverage === null) return verdictText === null ? [] : [verdictText]
  const [doors, runs, unseen] = [number('doorCycles'), number('runs'), number('unseenMinutes')]
  const spoken = number('spokenMinutes')
  return [
    verdictEvidence?.wasInInspection === false ? say.noInspection(needed) : say.inspection(minutes, needed),
    ...(spoken === null || spoken === 0 ? [] : [say.spoken(spoken)]),
    ...(unseen === null || unseen === 0 ? [] : [say.unseen(unseen)]),
    doors === null ? say.doorsUnknown : say.doors(doors),
    runs === null ? say.runsUnknown : say.runs(runs),
    say.coverage(valueText(coverage, 'share')),
  ]
}
