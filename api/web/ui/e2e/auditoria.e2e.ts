/** Whoever watches over the use of the system: alarms, the log, and read models made anew. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessible, ask, base, complaints, cuenta, goTo, launch, live, login, newPage, noSideways, open, shot, strangers, token } from './support';

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await launch();
  page = await newPage(await open(browser), 1280, 800, 'dark');
  await page.goto(base);
  await login(page, cuenta('administrador'));
  await live(page);
});

afterAll(async () => { await browser?.close(); });

test('the log tells newest first, narrowed by question and by history', async () => {
  await goTo(page, 'Auditoría');
  await page.locator('#au-alarmas').waitFor();
  await page.locator('select[aria-label="Qué hechos"]').selectOption('cuentas');
  await page.locator('.tabla tbody tr', { hasText: 'Usuario registrado' }).first().waitFor();
  await accessible(page, 'auditoría');
  await shot(page, 'auditoria');
  const history = page.locator('.tabla tbody tr button.enlace').first();
  const title = await history.getAttribute('title');
  await history.click();
  const field = page.locator('input[aria-label^="Historia"]');
  await page.waitForFunction((at) => (at as HTMLInputElement).value !== '', await field.elementHandle());
  expect(title).toContain(await field.inputValue());
  await page.locator('.tabla tbody tr').first().waitFor();
});

test('an alarm rings at once on any page, and is signed for where it rings', async () => {
  const { codigo } = await ask<{ codigo: string }>('/emergencias', { lat: -34.6, lon: -58.4, descripcion: 'humo en un taller' }, await token(cuenta('supervisor')));
  const rings = page.locator('.alerta', { hasText: codigo });
  await rings.waitFor();
  await rings.locator('button', { hasText: 'Enterado' }).click();
  await rings.waitFor({ state: 'detached' });
});

test('a read model is made anew from the page, and put back', async () => {
  await goTo(page, 'Sistema');
  await page.locator('#s-cual').selectOption('licencias');
  await page.locator('button', { hasText: 'Reconstruir…' }).click();
  await page.locator('#con-motivo').fill('prueba del tablero');
  await page.locator('.formulario button[type=submit]').click();
  await page.locator('#con-motivo').waitFor({ state: 'detached' });
  const row = page.locator('[aria-labelledby=s-reconstruir] li', { hasText: 'licencias' });
  await row.filter({ hasText: /^licencias\s*Reconstrucción/ }).filter({ hasText: 'Hecha' }).waitFor();
  await row.locator('button', { hasText: 'Volver a la anterior…' }).click();
  await page.locator('#con-motivo').fill('prueba del tablero');
  await page.locator('.formulario button[type=submit]').click();
  await page.locator('#con-motivo').waitFor({ state: 'detached' });
  await row.filter({ hasText: 'Vuelta a la anterior' }).filter({ hasText: 'Hecha' }).waitFor();
  await accessible(page, 'sistema');
});

test('all of it fits a telephone, in the light', async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.emulateMedia({ colorScheme: 'light' });
  for (const where of ['Auditoría', 'Sistema']) {
    await goTo(page, where);
    await page.locator('.pagina .tarjeta').nth(1).waitFor();
    await noSideways(page);
    await accessible(page, `${where} en un teléfono`);
  }
});

test('nothing went wrong on the way', () => {
  expect(complaints).toEqual([]);
  expect(strangers).toEqual([]);
});
