import { createReadStream } from 'node:fs'
import type { Contents } from './content.ts'
import type { Keeping } from './files.ts'
import { asProblem } from './refusal.ts'

/** Contents that other rooms give rows to. */
export function openKeeping({ contents }: { readonly contents: Contents }): Keeping {
  return {
    store: contents.store,
    content: (id) => createReadStream(contents.path(id)),
    discard: (id) => contents.remove(id),
    async take(content, maxBytes) {
      const incoming = await contents.begin(maxBytes).catch((error: unknown) => {
        throw asProblem(error)
      })
      try {
        for await (const chunk of content) await incoming.write(chunk)
        return await incoming.finish()
      } catch (error) {
        await incoming.discard()
        throw asProblem(error)
      }
    },
  }
}
