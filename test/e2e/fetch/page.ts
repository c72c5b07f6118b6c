import { ask } from './ask.ts';

window.ask = ask;
