import { createElement } from 'react'
import { parseMarkdown } from './markdown.ts'
import type { Block, Inline } from './markdown.ts'

function Inlines({ inlines }: { inlines: readonly Inline[] }) {
  return inlines.map(({ kind, text }, index) => {
    if (kind === 'code') return <code key={index}>{text}</code>
    if (kind === 'strong') return <strong key={index}>{text}</strong>
    if (kind === 'emphasis') return <em key={index}>{text}</em>
    return <span key={index}>{text}</span>
  })
}

function BlockView({ block }: { block: Block }) {
  switch (block.kind) {
    case 'heading':
      return createElement(`h${Math.min(4, block.level + 1)}`, {}, <Inlines inlines={block.inlines} />)
    case 'paragraph':
      return (
        <p>
          <Inlines inlines={block.inlines} />
        </p>
      )
    case 'code':
      return <pre tabIndex={0}>{block.text}</pre>
    case 'list':
      return createElement(
        block.ordered ? 'ol' : 'ul',
        {},
        block.items.map((item, index) => (
          <li key={index}>
            <Inlines inlines={item} />
          </li>
        )),
      )
    case 'table':
      return (
        <table>
          <thead>
            <tr>
              {block.head.map((cell, index) => (
                <th key={index}>
                  <Inlines inlines={cell} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {block.rows.map((row, index) => (
              <tr key={index}>
                {row.map((cell, column) => (
                  <td key={column}>
                    <Inlines inlines={cell} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )
  }
}

export function Markdown({ text }: { text: string }) {
  return (
    <div className="prose">
      {parseMarkdown(text).map((block, index) => (
        <BlockView key={index} block={block} />
      ))}
    </div>
  )
}
