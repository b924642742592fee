import { hash, verify } from '@node-rs/argon2'
import { ExpectedError } from '../core/errors.ts'

/** argon2id, which is what the library makes, with 19 MiB, 2 passes, 1 lane: OWASP Password Storage Cheat Sheet. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** As long as a hash takes for a right one, and right for nothing: for names that nobody has. */
const nobodys = `$argon2id$v=19$m=${parameters.memoryCost},t=${parameters.timeCost},p=${parameters.parallelism}$${base64(16)}$${base64(32)}`

/** Of the four threads that Node has for such work two stay free, for files; and 38 MiB are the most that this takes. */
const atOnce = 2
/** With 20 ms each, the last waits for half a second; on a busy machine for a few. Unverified default. */
const mostWaiting = 50

export interface Passwords {
  /** False while as many wait as may: the next one would be sent away. */
  hasRoom(): boolean
  /** @throws {ExpectedError} `too-many-requests` */
  hash(password: string): Promise<string>
  /**
   * @param stored a PHC string; null or undefined where there is none, which takes as long
   * @throws {ExpectedError} `too-many-requests`
   */
  verify(stored: string | null | undefined, password: string): Promise<boolean>
}

/** Hashes off the event loop, a few at a time. Who comes when too many wait is sent away, and nothing is hashed. */
export function createPasswords(limits = { atOnce, mostWaiting }): Passwords {
  const waiting: (() => void)[] = []
  let running = 0

  const hasRoom = () => running < limits.atOnce || waiting.length < limits.mostWaiting

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= limits.atOnce) {
      if (!hasRoom()) throw tooMany()
      await new Promise<void>((resolve) => waiting.push(resolve)) // whoever ends hands its place over
    } else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }

  return {
    hasRoom,
    hash: (password) => inTurn(() => hash(password, parameters)),
    verify: (stored, password) => inTurn(() => verify(stored ?? nobodys, password)),
  }
}

export function tooMany(): ExpectedError {
  return new ExpectedError('too-many-requests', 'Too many sign in at this moment; try again in a few seconds')
}

/** In characters, as people count them. */
const shortest = 12
const longest = 128

/**
 * What is wrong with a new password, in words for its owner; null = nothing. Long enough, not known to everyone; no rule about
 * digits or signs, and it never expires by itself: OWASP ASVS 5.0, 6.2. The length of 12 is between the 8 that it asks for and
 * the 15 that it recommends.
 */
export function faultOfPassword(
  password: string,
  owner: { readonly id: string; readonly name: string },
): PasswordFault | null {
  const length = [...password].length
  if (length < shortest) return 'too-short'
  if (length > longest) return 'too-long'
  const plain = password.toLowerCase()
  if (isPattern(plain) || common.has(plain)) return 'too-common'
  return isOnlyName(plain, [owner.id, owner.name]) ? 'own-name' : null
}

export const passwordFaults = {
  'too-short': `must have at least ${shortest} characters`,
  'too-long': `must have at most ${longest} characters`,
  'too-common': 'is one of those that are tried first',
  'own-name': 'must not be the name of the account',
} as const
export type PasswordFault = keyof typeof passwordFaults

/** The commonest of published lists that are long enough, and those that our own name suggests. */
const common = new Set(
  `qwertyuiop12 qwertyuiop123 qwertyuiop[] qwerty123456 qwerty1234567 1qaz2wsx3edc 1qaz2wsx3edc4rfv zaq12wsxcde3 qazwsxedcrfv
  qazwsx123456 1q2w3e4r5t6y 1q2w3e4r5t6y7u q1w2e3r4t5y6 123qweasdzxc asdfghjkl123 asdfghjkl;' zxcvbnm12345 password1234
  password12345 password123456 passw0rd1234 p@ssw0rd1234 p@ssword1234 letmein12345 iloveyou1234 welcome12345 welcome123456
  administrator admin1234567 admin12345678 changeme1234 changemenow! trustno1trustno1 unbelievable sunshine1234 football1234
  abcd12345678 abc123456789 a12345678910 aa1234567890 123456789abc 123456abcdef 1234567890ab 112233445566 123321123321
  147258369147 159357159357 110120119114 woaini1314520 woaini520520 woaini123456 wo123456789 5201314520131 li1234567890
  wang123456789 zhang123456789 liftwatt1234 liftwatt12345 liftwatt2026 elevator1234 correcthorsebatterystaple`.split(
    /\s+/,
  ),
)

/** One short piece again and again, or one run up or down: "aaaaaaaaaaaa", "abcabcabcabc", "123456789012". */
function isPattern(plain: string): boolean {
  if (/^(.{1,6}?)\1+$/su.test(plain)) return true
  const codes = [...plain].map((character) => character.codePointAt(0) ?? 0)
  return [1, -1].some((step) =>
    codes.every((code, index) => {
      const before = codes[index - 1]
      const isWrap = step === 1 ? before === 57 && code === 48 : before === 48 && code === 57 // 9 and 0
      return before === undefined || code - before === step || isWrap
    }),
  )
}

/** The name and at most digits and signs around it. */
function isOnlyName(plain: string, names: readonly string[]): boolean {
  const bare = (text: string) => text.toLowerCase().replace(/[^\p{L}]/gu, '')
  return [...names, 'liftwatt'].some((name) => bare(name) !== '' && bare(plain) === bare(name))
}

function base64(bytes: number): string {
  return Buffer.alloc(bytes).toString('base64').replace(/=+$/, '')
}
