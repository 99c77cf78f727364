import 'reflect-metadata';
import { createApp } from '../../src/server/app.js';
import { load } from '../../src/commands/etl.js';
it('x', () => expect([createApp, load].length).toBe(2));
