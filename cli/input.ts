import { readFileSync } from 'node:fs'
import { reasonOf } from '../core/errors.ts'
import { UsageError } from './output.ts'

/**
 * @param name of the argument or option, for what is wrong with it
 * @param file `-` = standard input
 * @throws {UsageError} it cannot be read, or is not JSON
 */
export function jsonFile(name: string, file: string): unknown {
  try {
    return jsonText(name, readFileSync(file === '-' ? 0 : file, 'utf8'))
  } catch (cause) {
    throw cause instanceof UsageError ? cause : new UsageError(`${name}: ${reasonOf(cause)}`)
  }
}

/** @throws {UsageError} */
export function jsonText(name: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`${name} is not JSON`)
  }
}

/**
 * A document as `show --json` printed it: without what the address says already.
 * @throws {UsageError}
 */
export function documentFile(file: string, ...told: readonly string[]): object {
  const document = jsonFile('<file>', file)
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new UsageError(`${file} is no JSON object`)
  }
  return Object.fromEntries(Object.entries(document).filter(([name]) => !told.includes(name)))
}

/** A CSV file, which a Chinese Excel does not write as UTF-8. @throws {UsageError} */
export function csvFile(file: string, charset: string): string {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(readFileSync(file))
  } catch (cause) {
    const hint = charset === 'utf-8' ? '; if it comes from a Chinese Excel, try --charset gb18030' : ''
    throw new UsageError(`${file} cannot be read as ${charset} (${reasonOf(cause)})${hint}`)
  }
}
