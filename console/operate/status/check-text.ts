import { statusWords } from './status-words.ts'

type Said = readonly [pattern: RegExp, tell: (found: readonly string[]) => string]

/** The sentences of checks that are well, and what is commonly not; others are told as the service says them. */
export function checkText(text: string): string {
  const say = statusWords().checkTexts
  const said: readonly Said[] = [
    [/^It answers$/, () => say.answers],
    [/^running$/, () => say.running],
    [/^all run$/, () => say.allRun],
    [/^none is overdue$/, () => say.noneOverdue],
    [/^as the machine says$/, () => say.clockWell],
    [/^(\d+) entries written$/, ([count = '']) => say.written(count)],
    [/^(\d+) entries written; (\d+) were damaged .*$/, ([count = '', lost = '']) => say.writtenAndDamaged(count, lost)],
    [/^(\d+) (?:entry|entries) behind$/, ([count = '']) => (count === '0' ? say.upToDate : say.behind(count))],
    [/^(\d+) MiB free$/, ([size = '']) => say.free(sizeText(Number(size)))],
    [/^only (\d+) MiB free$/, ([size = '']) => say.onlyFree(sizeText(Number(size)))],
  ]
  for (const [pattern, tell] of said) {
    const found = pattern.exec(text)
    if (found !== null) return tell(found.slice(1))
  }
  return text
}

export function checkName(name: string): string {
  const names: Readonly<Record<string, string>> = statusWords().checks
  return Object.hasOwn(names, name) ? (names[name] ?? name) : name
}

function sizeText(mebibytes: number): string {
  return mebibytes < 10_240 ? `${mebibytes} MiB` : `${Math.floor(mebibytes / 1024)} GiB`
}
