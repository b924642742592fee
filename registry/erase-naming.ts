import { roles } from '../core/account.ts'
import { contractTypes } from '../core/contract.ts'
import { erasedMark } from '../core/erasure.ts'
import { causeClasses, incidentStates, orderOutcomes, orderStates } from '../core/incident.ts'
import { inspectionKinds, inspectionStates, itemResults } from '../core/inspection.ts'
import { channelTypes, noticeReasons } from '../core/notice.ts'
import { objectionStates } from '../core/objection.ts'
import { overhaulStates, overhaulTypes } from '../core/overhaul.ts'
import { planGoals } from '../core/plan.ts'
import { reportStates, reportTypes } from '../core/report.ts'
import { orderTypes, severities } from '../core/severity.ts'
import { contactRoles, siteTypes } from '../core/site.ts'
import { suppressedBy } from '../core/suppression.ts'
import { maintenanceItems, regimeTypes } from '../core/visit.ts'
import { locales } from '../core/words.ts'

/** All by which somebody is known. */
export interface KnownAs {
  readonly names: readonly string[]
  readonly phones: readonly string[]
  /** Mailboxes, user ids on channels. */
  readonly addresses: readonly string[]
}

export interface Naming {
  /** For PostgreSQL (`~*`), over text as it stands in JSON: finds at least whatever `isNamedIn` does. Empty = nothing to look for. */
  readonly pattern: string
  isNamedIn(text: string): boolean
}

/** With fewer digits a number is many things. */
const leastDigits = 6
const leastAddress = 4
const chineseMobile = /^(?:\+|00)?86(?=1\d{10}$)/

/**
 * Where somebody is named in a text. A Latin name is a word of its own; a Chinese one, which has no spaces around it, stands anywhere. A
 * name of one letter, a short number and a short address must be all of the text. Phone numbers are found however they are spaced, with
 * and without +86. Pure.
 */
export function namingOf({ names, phones, addresses }: KnownAs): Naming {
  const parts = [...names.map(namePart), ...phones.map(phonePart), ...addresses.map(addressPart)].filter(
    (part) => part !== undefined,
  )
  const expressions = parts.map(({ source }) => new RegExp(source, 'iu'))
  return {
    pattern: parts.map(({ pattern }) => pattern).join('|'),
    isNamedIn: (text) => expressions.some((one) => one.test(text)),
  }
}

interface Part {
  /** Of JavaScript. */
  readonly source: string
  readonly pattern: string
}

function namePart(name: string): Part | undefined {
  const text = name.trim()
  if (text === '' || text === erasedMark) return undefined
  const isChinese = /\p{Script=Han}/u.test(text)
  const words = text.split(/\s+/)
  const source = words.map(escaped).join('\\s+')
  const pattern = words.map(inJson).join('[[:space:]]+')
  if ([...text].length < 2) return { source: `^\\s*${source}\\s*$`, pattern }
  return { source: isChinese ? source : `(?<![\\p{L}\\p{N}])${source}(?![\\p{L}\\p{N}])`, pattern }
}

function phonePart(phone: string): Part | undefined {
  const compact = phone.replace(/[^\d+]/g, '').replace(chineseMobile, '')
  const digits = compact.replace(/\D/g, '')
  if (digits === '') return undefined
  if (digits.length < leastDigits)
    return { source: `^\\s*${escaped(phone.trim())}\\s*$`, pattern: inJson(phone.trim()) }
  const spaced = [...digits].join('[^0-9]{0,3}')
  return { source: `${spaced}(?![0-9])`, pattern: spaced }
}

function addressPart(address: string): Part | undefined {
  const text = address.trim()
  if (text === '' || text === erasedMark) return undefined
  const isLong = text.length >= leastAddress
  return { source: isLong ? escaped(text) : `^\\s*${escaped(text)}\\s*$`, pattern: inJson(text) }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

/** As PostgreSQL writes it into JSON. */
function inJson(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

const ownWords: readonly string[] = [
  ...[causeClasses, orderOutcomes, orderStates, orderTypes, incidentStates, severities, suppressedBy, planGoals],
  ...[itemResults, inspectionKinds, inspectionStates, overhaulTypes, overhaulStates, objectionStates, contractTypes],
  ...[roles, contactRoles, siteTypes, channelTypes, noticeReasons, reportTypes, reportStates],
  ...[maintenanceItems, regimeTypes, locales, ['proven', 'not-proven', 'cannot-tell']],
].flat()
const partsOfOwnWords = new Set([...ownWords, ...ownWords.flatMap((word) => word.split('-'))])

/** Whether it is a word, or a part of one, in which records are kept ("repaired", "false"): whoever erases it erases those. */
export function isOwnWord(text: string): boolean {
  return partsOfOwnWords.has(text.trim().toLowerCase())
}

/** Words of ours, ids, times: nobody is named there. */
const coded =
  /^(?:id|at|type|state|key|role|party|kind|locale|action|finding|severity|sha256|hash|day|verdict|outcome|result|decision|source|format|use|goal|causeClass|cause_class|scopeType|scope_type|dueFrom|due_from|channelType|mediaType)$|(?:Id|Ids|_ids?|At|_at|Key|_key|Sha256|_sha256|Hash)$/
const named = new Set(['technicianId', 'technician_id'])

/**
 * The same with every text that names them replaced as a whole, wherever it stands: what is written beside a name is about that person,
 * too. Pure.
 *
 * @param name of the column or field that it is in
 */
export function withoutPerson(value: unknown, name: string, naming: Pick<Naming, 'isNamedIn'>): unknown {
  if (typeof value === 'string') {
    const isCoded = coded.test(name) && !named.has(name)
    return !isCoded && naming.isNamedIn(value) ? erasedMark : value
  }
  if (Array.isArray(value)) return value.map((one) => withoutPerson(one, name, naming))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutPerson(part, key, naming)]))
}

/** The texts that `withoutPerson` would replace, each once. */
export function textsNaming(value: unknown, name: string, naming: Pick<Naming, 'isNamedIn'>): string[] {
  const found = new Set<string>()
  const noting = {
    isNamedIn(text: string) {
      const is = naming.isNamedIn(text)
      if (is) found.add(text)
      return is
    },
  }
  withoutPerson(value, name, noting)
  return [...found]
}
