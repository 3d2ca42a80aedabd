/** Bytes of a text in UTF-8, as frames are measured. */
export const byteLength = (text: string): number => new TextEncoder().encode(text).length
