import { ListBox, ListBoxItem } from 'react-aria-components'
import { Picture } from '../../components/Picture.tsx'
import { translateStore } from '../../stores/translate.ts'
import { pickVariant } from '../../stores/translation.ts'
import type { Item } from '../../stores/translation.ts'

function pick(id: string): void {
  translateStore.setState(({ items, selected }) => {
    const variant = items[selected]?.variants.find(({ file }) => file.id === id)
    return variant ? { items: pickVariant(items, selected, variant) } : {}
  })
}

/** All answers to one picture beside each other: the picked one is shown above and is what is exported. */
export function VariantStrip({ item }: { item: Item }) {
  return (
    <ListBox
      className="variant-strip"
      aria-label={`Variants of ${item.input.name}`}
      orientation="horizontal"
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={item.output ? [item.output.id] : []}
      onSelectionChange={(keys) => {
        const [key] = keys === 'all' ? [] : [...keys]
        if (key !== undefined) pick(String(key))
      }}
    >
      {item.variants.map(({ file, number }) => (
        <ListBoxItem key={file.id} id={file.id} textValue={`Variant ${number}`} className="variant">
          <Picture file={file} alt={`Variant ${number}`} sidePx={192} />
        </ListBoxItem>
      ))}
    </ListBox>
  )
}
