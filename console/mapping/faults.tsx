import { ApiProblem } from '../shared/api.ts'
import { faultText } from '../shared/fault-text.ts'
import { problemText } from '../shared/problem-text.ts'
import { words } from './words.ts'

/** What is wrong with a mapping, each at its place. */
export function Faults({ problem }: { readonly problem: unknown }) {
  const say = words()
  if (problem === null) return null
  const fields = problem instanceof ApiProblem ? problem.fields : []
  if (fields.length === 0) {
    return (
      <p role="alert" class="wrong">
        ■ {problemText(problem)}
      </p>
    )
  }
  return (
    <div role="alert" class="wrong">
      <p>■ {say.wrong}</p>
      <ul>
        {fields.map(({ path, message }) => (
          <li key={path + message}>
            <code>{placeText(path)}</code> {faultText(message)}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** `mapping.rules.0.metrics.watts.path` as it stands in the editor. */
function placeText(path: string): string {
  return path
    .replace(/^mapping\./, '')
    .replace(/^rules\.(\d+)/, (_, index: string) => words().rule(Number(index) + 1))
    .replaceAll('.', ' › ')
}
