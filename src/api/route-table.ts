import type { App } from './app.ts'

/** Knows which methods an address takes, so that a wrong one is told the right ones. */
export interface RouteTable {
  methodsAt(path: string): string[]
}

export function routeTable(app: App): RouteTable {
  const routes = new Map<string, { matches: RegExp; methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    const known = routes.get(url)
    const methods = known?.methods ?? new Set<string>()
    for (const one of Array.isArray(method) ? method : [method]) methods.add(one)
    if (known === undefined) routes.set(url, { matches: pattern(url), methods })
  })
  return {
    methodsAt(path) {
      const methods = new Set<string>()
      for (const route of routes.values())
        if (route.matches.test(path)) for (const method of route.methods) methods.add(method)
      return [...methods].sort()
    },
  }
}

function pattern(url: string): RegExp {
  const source = url
    .split('/')
    .map((part) => {
      if (part.startsWith(':')) return '[^/]+'
      return part === '*' ? '.*' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    })
    .join('/')
  return new RegExp(`^${source}$`)
}
