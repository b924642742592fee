import type { EvidenceFile } from '../../stores/operations/port.ts'
import { sha256 } from './chain.ts'

/** What is wrong with a file, as a sentence without its end; undefined = it is as it was frozen. Pure. @param content undefined = it is not there */
export function faultOfFile(
  content: Uint8Array | undefined,
  { sha256: name, bytes }: Pick<EvidenceFile, 'sha256' | 'bytes'>,
): string | undefined {
  if (content === undefined) return 'The file is gone'
  if (content.byteLength !== bytes) return `The file has ${content.byteLength} bytes, it had ${bytes}`
  return sha256(content) === name ? undefined : 'The file was changed: it no longer has the hash that it is named by'
}
