import { endStates, type Transition, transitions } from './transitions.ts'

/** The transition table as a Mermaid diagram of what moves an order, and as a table of all that may be done to it. */
export function lifeAsMarkdown(): string {
  return ['```mermaid', ...diagram(), '```', '', ...table(), ''].join('\n')
}

function diagram(): string[] {
  const moves = transitions.filter(({ to }) => to !== 'same')
  const arrows = moves.flatMap(({ action, from, to, guard }) =>
    from.map((state) => `  ${state} --> ${to}: ${action}${guard === undefined ? '' : ` [${guard.name}]`}`),
  )
  return ['stateDiagram-v2', '  [*] --> raised', ...arrows, ...endStates.map((state) => `  ${state} --> [*]`)]
}

function table(): string[] {
  return ['| action | in | then | only if | sets | event |', '|---|---|---|---|---|---|', ...transitions.map(row)]
}

function row({ action, from, to, guard, sets, event }: Transition): string {
  const cells = [`\`${action}\``, from.join(', '), to === 'same' ? '(stays)' : to, guard?.name ?? '']
  return `| ${[...cells, sets.map((name) => `\`${name}\``).join(', '), `\`${event}\``].join(' | ')} |`
}
