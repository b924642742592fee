import { readFileSync } from 'node:fs'

/** From package.json, which lies beside the sources and one folder above what is built. */
export const version: string = (() => {
  for (const path of ['./package.json', '../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string }).version
    } catch {
      // the other place
    }
  }
  return 'unknown'
})()
