import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core'
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks'

interface LongListProps<T> {
  /** What it is, for whoever does not see it. */
  label: string
  items: readonly T[]
  /** Changes whenever `items` does, which may be the same array. */
  version: number
  keyOf(item: T): string
  children(item: T, index: number): ComponentChildren
  /** Stands above the first row, and has as much room whatever it is. */
  top?: ComponentChildren
  /** The top comes near; called again and again while it is. */
  onNearTop?: (() => void) | undefined
}

/** Pixels of a row that was never drawn. */
const ESTIMATE_PX = 66
/** How near the end counts as reading along. */
const AT_END_PX = 80
/** Pixels of what stands above the first row. */
const TOP_PX = 64

/**
 * Any number of rows, of which those in sight are in the document. Whoever is at the end stays there as rows come; whoever
 * reads elsewhere goes on reading the same rows when others come before them, in a new array.
 */
export function LongList<T>({ label, items, keyOf, children, top, onNearTop }: LongListProps<T>) {
  const box = useRef<HTMLDivElement>(null)
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const options = {
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => ESTIMATE_PX,
    getItemKey: (index: number) => keyOf(items[index] as T),
    overscan: 8,
    paddingStart: top === undefined ? 0 : TOP_PX,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: AT_END_PX,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => redraw(undefined),
  } as const
  const [virtualizer] = useState(() => new Virtualizer<HTMLDivElement, HTMLLIElement>(options))
  virtualizer.setOptions(options)
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer])
  useLayoutEffect(() => virtualizer._willUpdate())
  const isAtEnd = useRef(true)
  // Less room, as when a phone shows its keyboard, must not hide what is being read.
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => {
      if (isAtEnd.current) virtualizer.scrollToEnd()
    })
    if (box.current) observer.observe(box.current)
    return () => observer.disconnect()
  }, [virtualizer])
  function noteEnds({ currentTarget }: { currentTarget: HTMLElement }): void {
    const { scrollHeight, scrollTop, clientHeight } = currentTarget
    isAtEnd.current = scrollHeight - scrollTop - clientHeight <= AT_END_PX
    if (scrollTop < clientHeight && !isAtEnd.current) onNearTop?.()
  }
  /** The browser's own way there is an animation, which ends where rows that come into sight are measured. */
  function jump(event: KeyboardEvent): void {
    if (event.key === 'Home') virtualizer.scrollToOffset(0)
    else if (event.key === 'End') virtualizer.scrollToEnd()
    else return
    event.preventDefault()
  }
  const rows = virtualizer.getVirtualItems()
  return (
    <div
      class="long-list"
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
      tabIndex={0}
      role="log"
      aria-label={label}
      onKeyDown={jump}
      onScroll={noteEnds}
    >
      {top !== undefined && (
        <div class="top" style={{ height: `${TOP_PX}px` }}>
          {top}
        </div>
      )}
      <ol style={{ height: `${virtualizer.getTotalSize()}px` }}>
        {rows.map((row) => (
          <li
            key={row.key}
            data-index={row.index}
            ref={virtualizer.measureElement}
            aria-setsize={items.length}
            aria-posinset={row.index + 1}
            style={{ transform: `translateY(${row.start}px)` }}
          >
            {children(items[row.index] as T, row.index)}
          </li>
        ))}
      </ol>
    </div>
  )
}
