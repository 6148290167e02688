/** Every key of the window, as its list shows them. */
export const shortcuts: readonly { title: string; keys: readonly (readonly [string, string])[] }[] = [
  {
    title: 'Everywhere',
    keys: [
      ['Ctrl 1', 'Data'],
      ['Ctrl 2', 'Train'],
      ['Ctrl 3', 'Compare'],
      ['Ctrl 4', 'Translate'],
      ['Ctrl 5', 'Generate'],
      ['[', 'Show or hide the list'],
      [']', 'Show or hide the inspector'],
      ['?', 'These shortcuts'],
      ['F1', 'The guide'],
    ],
  },
  {
    title: 'Comparing pictures',
    keys: [
      ['Space', 'Turn over: before, after'],
      ['1', 'Slider'],
      ['2', 'Side by side'],
      ['3', 'Flicker'],
      ['4', 'Difference'],
      ['F', 'Fit'],
      ['Z', 'Show at 100%'],
      ['+ −', 'Zoom in, zoom out'],
      ['← →', 'Previous and next picture'],
      ['Wheel', 'Zoom to the pointer'],
      ['Drag', 'Move the picture'],
    ],
  },
  {
    title: 'Grids of pictures',
    keys: [
      ['← → ↑ ↓', 'Choose a pair'],
      ['Enter', 'See it large'],
      ['Esc', 'Back to the grid'],
    ],
  },
]
