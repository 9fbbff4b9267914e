/** What somebody is in the middle of survives what the operation does meanwhile. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessible, base, clickMap, complaints, cuenta, launch, live, login, newPage, open, shot, someFree, strangers } from './support';

let browser: Browser;
let context: BrowserContext;
let page: Page;
const marca = String(Date.now());

beforeAll(async () => {
  browser = await launch();
  context = await open(browser);
  page = await newPage(context, 1280, 800, 'dark');
  await page.goto(base);
  await login(page, cuenta('supervisor'));
  await live(page);
  await someFree(page);
});

afterAll(async () => { await browser?.close(); });

const filas = (at: Page) => at.locator('[data-lista=tarea] [role=option]');

test('a half-written emergency waits while something else is looked at, and is taken up where it was', async () => {
  await page.keyboard.press('0');
  await page.keyboard.press('e');
  await clickMap(page);
  await page.locator('#emergencia-descripcion').fill(`Se cayó un cable ${marca}`);
  await page.locator('#emergencia-telefono').fill('11 5555-0001');
  await filas(page).first().click();
  await page.locator('.detalle[aria-label^="Tarea"]').waitFor();
  const line = page.locator('.sin-terminar');
  await line.filter({ hasText: 'Emergencia sin terminar' }).waitFor();
  await accessible(page, 'emergencia sin terminar');
  await shot(page, 'emergencia-sin-terminar');

  // Another thing may be begun beside it; with nothing written it leaves nothing.
  await page.keyboard.press('n');
  await page.locator('.detalle.nueva-tarea').waitFor();
  await page.keyboard.press('Escape');
  expect(await line.count()).toBe(1);

  await page.keyboard.press('e');
  await line.waitFor({ state: 'detached' });
  const words = page.locator('#emergencia-descripcion');
  expect(await words.inputValue()).toContain(marca);
  expect(await page.locator('#emergencia-telefono').inputValue()).toBe('11 5555-0001');
  await page.waitForFunction(() => document.activeElement?.id === 'emergencia-descripcion');

  // Out of the field, then out of the panel: it waits again, until it is discarded on purpose.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await line.locator('button', { hasText: 'Seguir' }).click();
  expect(await words.inputValue()).toContain(marca);
  await words.press('Enter');
  await page.locator('.detalle h2', { hasText: marca }).waitFor();
  expect(await line.count()).toBe(0);

  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  await clickMap(page);
  await page.locator('#nueva-titulo').fill('Esto no va a quedar');
  await filas(page).first().click();
  await line.filter({ hasText: 'Tarea sin terminar' }).locator('button', { hasText: 'Descartar' }).click();
  await line.waitFor({ state: 'detached' });
  await page.keyboard.press('n');
  expect(await page.locator('#nueva-titulo').inputValue()).toBe('');
  await page.keyboard.press('Escape');
});

test('no page asked anything of the outside, nor complained', () => {
  expect(strangers).toEqual([]);
  expect(complaints).toEqual([]);
});
