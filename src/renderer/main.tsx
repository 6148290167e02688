import './configureZod.ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './features/frame/App.tsx'
import './styles/index.css'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no element #root.')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
