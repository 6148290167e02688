import { Check, Columns3 } from 'lucide-react'
import { Button, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components'
import { useStore } from 'zustand'
import type { recipes, RecipeId } from '../../../core/recipes/index.ts'
import type { VisualDeclaration } from '../../../core/recipes/declaration.ts'
import { setPanel, shellStore } from '../../stores/shell.ts'
import { MOST_COLUMNS } from './galleryLayout.ts'

type Recipe = (typeof recipes)[RecipeId]

function keyOf(recipe: Recipe, visual: VisualDeclaration): string {
  return `hides ${recipe.id} ${visual.id}`
}

/** The columns that a person wants to see; all of them until some are put away. */
export function useShownVisuals(recipe: Recipe): VisualDeclaration[] {
  const panels = useStore(shellStore, ({ settings }) => settings.panels)
  const visuals: readonly VisualDeclaration[] = recipe.visuals
  const shown = visuals.filter((visual) => panels[keyOf(recipe, visual)] !== 1)
  return shown.length > 0 ? shown : [...visuals]
}

/** Which pictures the gallery shows, where a recipe has more of them than fit beside each other. */
export function VisualChoice({ recipe }: { recipe: Recipe }) {
  const visuals: readonly VisualDeclaration[] = recipe.visuals
  const shown = useShownVisuals(recipe)
  if (visuals.length <= MOST_COLUMNS) return null
  const change = (ids: ReadonlySet<unknown>) => {
    for (const visual of visuals) setPanel(keyOf(recipe, visual), ids.has(visual.id) ? 0 : 1)
  }
  return (
    <MenuTrigger>
      <Button className="button button-quiet">
        <Columns3 size={16} aria-hidden />
        <span className="button-text">
          {shown.length === visuals.length ? 'All columns' : `${shown.length} of ${visuals.length} columns`}
        </span>
      </Button>
      <Popover className="popover" placement="bottom end" offset={4}>
        <Menu
          className="menu"
          aria-label="Columns that are shown"
          selectionMode="multiple"
          disallowEmptySelection
          selectedKeys={shown.map(({ id }) => id)}
          onSelectionChange={(keys) => change(keys === 'all' ? new Set(visuals.map(({ id }) => id)) : keys)}
        >
          {visuals.map(({ id, label }) => (
            <MenuItem key={id} id={id} textValue={label} className="menu-item">
              <Check size={16} aria-hidden className="menu-check" />
              {label} <span className="option-term">{id}</span>
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  )
}
