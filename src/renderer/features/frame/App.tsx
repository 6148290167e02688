import { useEffect, useLayoutEffect } from 'react'
import { useStore } from 'zustand'
import { Notices } from '../../components/Notices.tsx'
import { useKeys } from '../../components/useKeys.ts'
import { followEvents } from '../../stores/events.ts'
import { goTo, places, shellStore, showAside, startShell } from '../../stores/shell.ts'
import { openProject } from '../../stores/start.ts'
import { CompareView } from '../compare/CompareView.tsx'
import { DataView } from '../data/DataView.tsx'
import { GenerateView } from '../generate/GenerateView.tsx'
import { StartPage } from '../start/StartPage.tsx'
import { TrainView } from '../train/TrainView.tsx'
import { TranslateView } from '../translate/TranslateView.tsx'
import { CloseQuestion } from './CloseQuestion.tsx'
import { EngineBanner } from './EngineBanner.tsx'
import { Header } from './Header.tsx'
import { HelpPanel } from './HelpPanel.tsx'
import { JobBar } from './JobBar.tsx'

const views = {
  start: StartPage,
  data: DataView,
  train: TrainView,
  compare: CompareView,
  translate: TranslateView,
  generate: GenerateView,
}

/** Before other effects: the chart reads its colours from the tokens. */
function useTheme(): void {
  const theme = useStore(shellStore, ({ settings }) => settings.theme)
  useLayoutEffect(() => {
    const dark = window.matchMedia('(prefers-color-scheme: dark)')
    const apply = () => {
      const shownTheme = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme
      document.documentElement.dataset['theme'] = shownTheme
      shellStore.setState({ shownTheme })
    }
    apply()
    dark.addEventListener('change', apply)
    return () => dark.removeEventListener('change', apply)
  }, [theme])
}

/** Ctrl or Cmd with 1 to 5 goes to the places in their order. */
function usePlaceKeys(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const place = places[Number(event.key) - 1]
      if (!(event.ctrlKey || event.metaKey) || !place || !shellStore.getState().project) return
      event.preventDefault()
      goTo(place)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
}

/** Dropped beside every target, a file must not replace the window. */
function useNoStrayDrops(): void {
  useEffect(() => {
    const refuseDrop = (event: DragEvent) => event.preventDefault()
    window.addEventListener('dragover', refuseDrop)
    window.addEventListener('drop', refuseDrop)
    return () => {
      window.removeEventListener('dragover', refuseDrop)
      window.removeEventListener('drop', refuseDrop)
    }
  }, [])
}

export function App() {
  const place = useStore(shellStore, (state) => state.place)
  const project = useStore(shellStore, (state) => state.project)
  useTheme()
  usePlaceKeys()
  useNoStrayDrops()
  useKeys({ '?': () => showAside('shortcuts'), F1: () => showAside('guide') })
  useEffect(() => {
    const stop = followEvents()
    void startShell(openProject)
    return stop
  }, [])
  const View = views[place]
  return (
    <div className="app">
      <Header />
      <EngineBanner />
      <div className="app-body">
        <View key={`${place} ${project?.folder.id ?? ''}`} />
        <HelpPanel />
      </div>
      <JobBar />
      <Notices />
      <CloseQuestion />
    </div>
  )
}
