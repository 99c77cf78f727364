import 'reflect-metadata';
import { load } from '../../src/commands/etl.js';
import { createApp } from '../../src/server/app.js';

it('x', () => expect([createApp, load].length).toBe(2));
