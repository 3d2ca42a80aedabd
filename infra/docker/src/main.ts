/** `node main.ts FOLDER PROGRAM...`: each program, such as services/chat/src/main.ts, as one file in FOLDER. */
import { bundle } from './bundle.ts'

const [folder, ...programs] = process.argv.slice(2)
if (folder === undefined || programs.length === 0) throw new Error('usage: node main.ts FOLDER PROGRAM...')
for (const program of programs) await bundle(program, folder)
