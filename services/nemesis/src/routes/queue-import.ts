import { HttpError } from '@switchboard/kit/http-error'
import type { Server } from '@switchboard/kit/server'
import { ANSWERS, IMPORT_BYTES } from '@switchboard/protocol/nemesis'
import { parseImport } from '@switchboard/protocol/nemesis-requests'
import { Type } from 'typebox'
import type { Directory } from '../directory.ts'
import { type ImportParts, importRegistrations } from '../import.ts'
import { orBad } from './parameters.ts'
import { deciderOf } from './queue.ts'

export interface QueueImportOptions extends ImportParts {
  directory: ImportParts['directory'] & Pick<Directory, 'person'>
}

/** In a scope of its own, because its body is a file and not parameters. */
export function queueImportRoutes(app: Server, parts: QueueImportOptions): void {
  app.register((scope: Server, _options, done) => {
    scope.removeAllContentTypeParsers()
    const file = { parseAs: 'buffer', bodyLimit: IMPORT_BYTES } as const
    scope.addContentTypeParser('text/csv', file, (_request, body, parsed) => parsed(null, body))

    scope.post(
      '/registrations/import',
      {
        schema: {
          response: { 200: ANSWERS.imported, 400: Type.Partial(ANSWERS.imported), 403: ANSWERS.empty },
        },
      },
      async (request, reply) => {
        const importer = await deciderOf(request, parts.directory)
        const { dryRun } = orBad(parseImport(request.query))
        if (!Buffer.isBuffer(request.body)) throw new HttpError('BAD_BINDING', 'the file is empty')
        const report = await importRegistrations(parts, request.body, { importer, dryRun })
        if (report.ok) return report.value
        return reply.code(400).send(report.error)
      },
    )
    done()
  })
}
