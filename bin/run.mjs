// node bin/run.mjs <file.ts> [<argument>...]
import { launch } from './launch.mjs'

const [file, ...args] = process.argv.slice(2)
if (file === undefined) {
  console.error('usage: node bin/run.mjs <file.ts> [<argument>...]')
  process.exit(2)
}
launch(file, args)
