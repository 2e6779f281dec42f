import theme from 'vitepress/theme-without-fonts'
import './nuages.css'

export default theme
