export const soon = (): string => new Date(Date.now() + 3_600_000).toISOString()
