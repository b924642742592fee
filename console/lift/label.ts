import type { About as WholeAbout } from '../../api/schemas.ts'
import type { Wire } from '../shared/wire.ts'

export type About = Pick<Wire<typeof WholeAbout>, 'publicUrl'>

/** As `GET /labels` answers it. */
export interface Label {
  readonly deviceId: string
  readonly name: string | null
  readonly place: string | null
  readonly url: string
}

/**
 * A label hangs for years. Without a public address its code holds whatever address was asked, which may be reached from nowhere
 * else; so nothing is printed before the address is known.
 * @param publicUrl as the service says it; undefined = not known yet
 */
export function mayPrint(publicUrl: string | null | undefined): boolean {
  return typeof publicUrl === 'string'
}

/** Where a label leads to, for whoever hangs it. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url
}
