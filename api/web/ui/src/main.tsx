import { render } from 'preact';
import './style/base.css';
import './style/layout.css';
import './style/parts.css';
import './style/map.css';
import './style/pages.css';
import { operation } from './operation';
import { App } from './views/App';

void operation.session.restore();
render(<App />, document.getElementById('app') as HTMLElement);
