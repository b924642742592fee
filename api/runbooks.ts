import { readdirSync, readFileSync } from 'node:fs'
import type { Locale } from '../core/words.ts'

/** The part of a page that is for one reader: steps are done one after the other, text is read. */
export interface RunbookSection {
  /** `causes`, `false-alarm`, or whom it tells what to do. */
  readonly for: 'causes' | 'duty-room' | 'crew' | 'false-alarm' | 'everyone'
  /** As the page heads it. */
  readonly title: string
  readonly text: readonly string[]
  readonly steps: readonly string[]
}

export interface RunbookText {
  /** One line: how bad it is, what it is. */
  readonly lead: string
  readonly meaning: readonly string[]
  readonly sections: readonly RunbookSection[]
}

export interface Runbook {
  readonly finding: string
  /** English is always there. */
  readonly texts: { readonly en: RunbookText } & { readonly [locale in Locale]?: RunbookText }
}

/** Heads of a page's sections, in English and Chinese; the rule's own section is for whoever sets it, and is in `GET /rules`. */
const heads: readonly (readonly [RegExp, RunbookSection['for'] | 'meaning' | 'rule'])[] = [
  [/^(What it means|含义)/, 'meaning'],
  [/^(The rule|规则)/, 'rule'],
  [/^(Likely causes|What it usually is|常见原因)/, 'causes'],
  [/^(Duty room|值班室)/, 'duty-room'],
  [/^(Crew|Technician|On site|On the way|On the visit|现场)/, 'crew'],
  [/^(What makes it false|A? ?false alarm\?|误报)/i, 'false-alarm'],
]

/** A page of `docs/runbooks/` as data. What is not a list is text; marks of emphasis, code and links are taken off. */
export function readRunbook(page: string): RunbookText {
  const [top = '', ...parts] = page.replace(/<!--[\s\S]*?-->/g, '').split(/^## /m)
  const { text, steps } = linesOf(top.replace(/^# .*\n|^Finding: .*\n/gm, ''))
  const sections = parts.map((part) => {
    const [title = '', ...lines] = part.split('\n')
    return { title: title.trim(), of: ofHead(title.trim()), ...linesOf(lines.join('\n')) }
  })
  const means = sections.filter(({ of }) => of === 'meaning').flatMap((one) => [...one.text, ...one.steps])
  // some pages are headed by the finding's id and tell its weight first, others by what it is
  const heading = /^# (?![\w-]+\/[\w-]+$)(.+)$/m.exec(top)?.[1]
  return {
    lead: heading ?? text.join(' '),
    meaning: [...(heading === undefined ? [] : [...text, ...steps]), ...means],
    sections: sections.flatMap(({ of, title, text, steps }) =>
      of === 'meaning' || of === 'rule' ? [] : [{ for: of, title, text, steps }],
    ),
  }
}

/**
 * Every page, by its finding.
 * @param directory `docs/runbooks`; the Chinese ones are in `zh-CN` below it, where there are any
 * @param groups what findings begin with: a page is named elevator-entrapment.md for elevator/entrapment
 */
export function loadRunbooks(directory: URL, groups: readonly string[]): Map<string, Runbook> {
  const chinese = new URL('zh-CN/', directory)
  const translated = new Set(readdirSync(directory).includes('zh-CN') ? readdirSync(chinese) : [])
  return new Map(
    readdirSync(directory)
      .filter((file) => file.endsWith('.md'))
      .map((file) => {
        const page = readFileSync(new URL(file, directory), 'utf8')
        const group = groups.find((one) => file.startsWith(`${one}-`)) ?? ''
        const finding = `${group}/${file.slice(group.length + 1, -'.md'.length)}`
        const inChinese = translated.has(file) && readRunbook(readFileSync(new URL(file, chinese), 'utf8'))
        const texts = { en: readRunbook(page), ...(inChinese && { 'zh-CN': inChinese }) }
        return [finding, { finding, texts }]
      }),
  )
}

/** Any page of ours by its finding: read when the first is asked for, so that what crews see cannot differ from what is written. */
export function createRunbooks(kinds: readonly { readonly id: string }[]): (finding: string) => Runbook | undefined {
  let runbooks: ReturnType<typeof loadRunbooks> | undefined
  return (finding) => {
    runbooks ??= loadRunbooks(new URL('../docs/runbooks/', import.meta.url), [...kinds.map(({ id }) => id), 'gateway'])
    return runbooks.get(finding)
  }
}

function ofHead(title: string): RunbookSection['for'] | 'meaning' | 'rule' {
  return heads.find(([pattern]) => pattern.test(title))?.[1] ?? 'everyone'
}

/** Paragraphs, rows of tables and list items, each on one line. */
function linesOf(part: string): { text: string[]; steps: string[] } {
  const text: string[] = []
  const steps: string[] = []
  const withoutHeads = part.replace(/^\|.*\n\|[-|: ]+\n/gm, '')
  for (const block of withoutHeads.split(/\n\s*\n|\n(?=\s*(?:\d+\.|-|\|) ?)/)) {
    const row = block.startsWith('|')
      ? block
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim())
      : undefined
    const line = row?.join(': ') ?? block.replace(/\s*\n\s*/g, joint(block)).trim()
    if (line === '') continue
    const item = /^(?:\d+\.|-) (.*)$/.exec(line)?.[1]
    if (item === undefined) text.push(plain(line))
    else steps.push(plain(item))
  }
  return { text, steps }
}

/** Between Chinese characters a line's end is no space. */
function joint(block: string): string {
  return /\p{Script=Han}/u.test(block) ? '' : ' '
}

function plain(line: string): string {
  return line
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\*\*|`/g, '')
    .replace(/&lt;/g, '<')
}
