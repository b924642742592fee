import { localDate, shanghai } from '../core/local-time.ts'
import { type KeptReport, type ReportFile, type ReportFormat, type ReportShare, reportFormats } from '../core/report.ts'
import { minuteText } from '../quality/reports/numbers.ts'
import { lastDayOf } from '../quality/reports/period.ts'
import { reportWords } from '../quality/reports/words.ts'
import type { Language } from './messages.ts'
import { escaped, pageLook, pageOf } from './page.ts'

const style = `
:root { color-scheme: light dark; --line: light-dark(#d0d4da, #3a4048); --act: light-dark(#0b57d0, #a8c7fa) }
body { margin: 0 auto; max-width: 44rem; padding: 1rem 1rem 2rem; font: 1.0625rem/1.55 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif }
h1 { margin: 0 0 .25rem; font-size: 1.625rem } h2 { margin: 2rem 0 .5rem; font-size: 1.25rem } .soft { opacity: .75 } a { color: var(--act) }
ul { padding-left: 1.25rem } li { margin: .375rem 0; overflow-wrap: anywhere } .files { list-style: none; padding: 0 }
.files a { display: flex; justify-content: space-between; gap: 1rem; min-height: 2.75rem; align-items: center; padding: .5rem 1rem; border: 1px solid var(--line); border-radius: .5rem; text-decoration: none }
code { font-size: .8125rem; overflow-wrap: anywhere }
`

export const shareLook = pageLook(style, "'none'")

interface ShareWords {
  readonly files: string
  readonly formats: Readonly<Record<ReportFormat, string>>
  readonly until: (time: string) => string
  readonly seal: string
  readonly otherLanguage: string
  readonly lostTitle: string
  readonly lost: string
}

const words: Readonly<Record<Language, ShareWords>> = {
  en: {
    files: 'Files',
    formats: { pdf: 'PDF', xlsx: 'Excel', csv: 'CSV' },
    until: (time) => `This link is for reading this one report, until ${time}.`,
    seal: 'Seal over all records when it was made',
    otherLanguage: '中文',
    lostTitle: 'This link opens nothing',
    lost: 'It is over, or was revoked, or is not complete. Ask whoever sent it for another one.',
  },
  'zh-CN': {
    files: '文件',
    formats: { pdf: 'PDF', xlsx: 'Excel', csv: 'CSV' },
    until: (time) => `本链接仅可查看这一份报告，有效至 ${time}。`,
    seal: '生成时覆盖全部记录的封印',
    otherLanguage: 'English',
    lostTitle: '链接无效',
    lost: '链接已过期、已撤销或不完整。请向发送者索取新的链接。',
  },
}

const languages: Readonly<Record<Language, string>> = { 'zh-CN': '中文', en: 'English' }

/** What whoever has the link reads: the summary, and the files to save. @param path of the page */
export function sharePage(
  { report, share, files }: { report: KeptReport; share: ReportShare; files: readonly ReportFile[] },
  language: Language,
  path: string,
): string {
  const [say, of] = [words[language], reportWords[language]]
  const title = of.title[report.type]
  const period = of.days(localDate(report.from, shanghai), lastDayOf(report))
  const asOf = report.asOf === null ? '' : of.labelled(of.asOf, minuteText(report.asOf))
  const sentences = (report.summary?.[language] ?? []).map((sentence) => `<li>${escaped(sentence)}</li>`)
  const kept = files.filter(({ removedAt }) => removedAt === null)
  const links = ownFirst(kept, language).map((file) => link(file, say, path))
  const seal = report.sealed === null ? '' : `<h2>${escaped(say.seal)}</h2><code>${sealText(report.sealed)}</code>`
  return pageOf(
    shareLook,
    language,
    `${title} · ${period}`,
    `<h1>${escaped(title)}</h1>
<p>${escaped(period)}<br><span class="soft">${escaped(asOf)}</span></p>
<h2>${escaped(of.sections.summary)}</h2>
<ul>${sentences.join('')}</ul>
<h2>${escaped(say.files)}</h2>
<ul class="files">${links.join('')}</ul>
${seal}
<p class="soft">${escaped(say.until(minuteText(share.expiresAt)))}</p>
<p><a href="${path}?lang=${language === 'en' ? 'zh-CN' : 'en'}">${escaped(say.otherLanguage)}</a></p>`,
  )
}

export function lostSharePage(language: Language): string {
  const { lostTitle, lost } = words[language]
  return pageOf(shareLook, language, lostTitle, `<h1>${escaped(lostTitle)}</h1>\n<p>${escaped(lost)}</p>`)
}

/** Those in the reader's language first, and of each the one for reading. */
function ownFirst(files: readonly ReportFile[], language: Language): ReportFile[] {
  const rank = ({ locale, format }: ReportFile) =>
    (locale === language ? 0 : reportFormats.length) + reportFormats.indexOf(format)
  return [...files].sort((one, other) => rank(one) - rank(other))
}

function link({ name, format, locale, bytes }: ReportFile, say: ShareWords, path: string): string {
  const size = `${Math.ceil(bytes / 1024)} KB`
  return `<li><a href="${path}/${encodeURIComponent(name)}"><span>${say.formats[format]} · ${languages[locale]}</span><span>${size}</span></a></li>`
}

function sealText({ number, hash }: { number: number; hash: string }): string {
  return escaped(`${number}:${hash}`)
}
