import type { Page } from 'playwright-core'

/**
 * Listens as a screen reader does, by the rules of WAI-ARIA 1.2 (6.6, live regions): of a log what is added, of an alert or a status all of
 * it; nothing that is behind a modal dialog, and nothing that a region held when it appeared, but of an alert.
 * @returns what was said so far, as "assertive: text"
 */
export async function listen(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(`(() => {
    const said = globalThis.saidAloud = []
    const implied = { alert: 'assertive', status: 'polite', log: 'polite', timer: 'off' }
    const liveOf = (element) => element.getAttribute('aria-live') ?? implied[element.getAttribute('role')]
    const regionOf = (node) => {
      let element = node.nodeType === 1 ? node : node.parentElement
      while (element !== null && liveOf(element) === undefined) element = element.parentElement
      return element
    }
    const isHidden = (element) => {
      const dialog = [...document.querySelectorAll('dialog:modal')].at(-1)
      return dialog !== undefined && !dialog.contains(element)
    }
    const textOf = (node) => node.textContent.replace(/\\s+/g, ' ').trim()
    new MutationObserver((records) => {
      const added = new Set(records.flatMap(({ addedNodes }) => [...addedNodes]))
      const isNew = (element) => [...added].some((node) => node.contains(element))
      const texts = new Map()
      const say = (region, node) => {
        if (liveOf(region) === 'off' || isHidden(region)) return
        const isWhole = ['alert', 'status'].includes(region.getAttribute('role'))
        texts.set(isWhole ? region : node, [liveOf(region), textOf(isWhole ? region : node)].join(': '))
      }
      for (const node of added) {
        if (node.nodeType === 1) for (const alert of [node, ...node.querySelectorAll('*')]) if (alert.getAttribute('role') === 'alert') say(alert, alert)
        const region = regionOf(node)
        if (region !== null && region !== node && !isNew(region)) say(region, node)
      }
      for (const { type, target } of records) {
        const region = type === 'characterData' ? regionOf(target) : null
        if (region !== null && !isNew(region)) say(region, target)
      }
      said.push(...[...texts.values()].filter((text) => !text.endsWith(': ')))
    }).observe(document.body, { subtree: true, childList: true, characterData: true })
  })()`)
  return () => page.evaluate<string[]>('globalThis.saidAloud')
}

/** The live regions that the browser itself tells a screen reader of, as "role: how it interrupts". */
export async function liveRegions(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  const { nodes } = await session.send('Accessibility.getFullAXTree')
  await session.detach()
  const regions = nodes.filter(({ ignored, role }) => !ignored && ['log', 'alert'].includes(role?.value))
  return regions.map(
    ({ role, properties }) => `${role?.value}: ${properties?.find(({ name }) => name === 'live')?.value.value}`,
  )
}
