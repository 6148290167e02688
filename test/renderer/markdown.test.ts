import { describe, expect, it } from 'vitest'
import { parseMarkdown } from '../../src/renderer/components/markdown.ts'

describe('parseMarkdown', () => {
  it('reads the blocks that the guide uses', () => {
    const blocks = parseMarkdown(
      '# Guide\n\nTwo **pairs**\nof `A`.\n\n- one\n- two\n  more\n\n1. first\n\n| Key | What |\n|---|---|\n| Space | Turn over |\n\n```\nnpm start\n```\n',
    )
    expect(blocks.map(({ kind }) => kind)).toEqual(['heading', 'paragraph', 'list', 'list', 'table', 'code'])
    expect(blocks[1]).toMatchObject({
      inlines: [
        { text: 'Two ' },
        { kind: 'strong', text: 'pairs' },
        { text: ' of ' },
        { kind: 'code', text: 'A' },
        { text: '.' },
      ],
    })
    expect(blocks[2]).toMatchObject({ ordered: false, items: [[{ text: 'one' }], [{ text: 'two more' }]] })
  })
  it('makes no element of what looks like one', () => {
    expect(parseMarkdown('<script>alert(1)</script>')).toEqual([
      { kind: 'paragraph', inlines: [{ kind: 'text', text: '<script>alert(1)</script>' }] },
    ])
  })
  it('ends on any input', () => {
    for (const text of ['```', '- ', '#', '|', '* *', '\n\n', '1.', '#hash', '**'])
      expect(() => parseMarkdown(text)).not.toThrow()
  })
})
