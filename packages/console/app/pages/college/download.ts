/**
 * Saves a text as a file. An address made of it stands for the text, because a link to the service itself would hold the
 * token. Answers how to let go of that address; until then the browser may read it.
 */
export function download(text: string, name: string): () => void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  return () => URL.revokeObjectURL(url)
}
