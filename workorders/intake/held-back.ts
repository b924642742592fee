import { type Incident, isEntrapment } from '../../core/incident.ts'
import { type InPlace, scopesOf } from '../../core/scope.ts'
import { suppressionText } from '../../core/suppression.ts'
import type { Operations } from '../../stores/operations/port.ts'

/**
 * What people said of this very finding, where another system reports it: a shelf, maintenance or planned work that names it. One
 * that names none is about what sensors show while work goes on there. What is critical lies on no shelf, and nothing holds back
 * whoever is trapped. Undefined = it is sent.
 * @param now ms since 1970
 */
export async function heldBack(
  unit: Operations,
  reported: InPlace & Pick<Incident, 'finding' | 'severity'>,
  now: number,
): Promise<Pick<Incident, 'state' | 'suppressed'> | undefined> {
  const { finding, severity } = reported
  if (isEntrapment(reported)) return undefined
  const suppression = (await unit.suppressionsAt(scopesOf(reported), now)).find(
    (one) => one.finding === finding && (severity !== 'critical' || one.type !== 'shelf'),
  )
  if (suppression === undefined) return undefined
  const { type: by, id } = suppression
  return { state: 'suppressed', suppressed: { by, id, text: suppressionText(suppression), at: now } }
}
