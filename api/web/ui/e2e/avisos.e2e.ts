/** What reminds a dispatcher: a Tarea past its end is told, signed for by one key, and opened. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessible, ask, base, complaints, cuenta, enter, goTo, launch, live, login, newPage, noSideways, open, shot, strangers, token } from './support';

let browser: Browser;
let context: BrowserContext;
let page: Page;
let bearer: string;

beforeAll(async () => {
  browser = await launch();
  context = await open(browser);
  page = await newPage(context, 1280, 800, 'dark');
  await page.goto(base);
  await login(page, cuenta('supervisor'));
  await live(page);
  bearer = await token(cuenta('supervisor'));
});

afterAll(async () => { await browser?.close(); });

/** A Tarea of the supervisor whose end is past; its code. */
async function vencida(titulo: string): Promise<string> {
  const hours = (n: number) => new Date(Date.now() + n * 3_600_000).toISOString();
  const { codigo } = await ask<{ codigo: string }>('/tareas', {
    titulo, tipo: 'inspeccion', prioridad: 3, inicio_programado: hours(-3), fin_programado: hours(-2), ubicacion: { lat: -34.6, lon: -58.4 },
  }, bearer);
  return codigo;
}

const row = (at: Page, codigo: string) => at.locator('.recordatorio', { hasText: codigo });

test('a Tarea past its end comes by itself, is signed for by one key, and rings no more', async () => {
  await page.keyboard.press('b');
  await page.locator('.pagina h2', { hasText: 'Avisos' }).waitFor();
  const codigo = await vencida('Inspección que se pasó de hora');
  await row(page, codigo).getByText('Pasó su hora de fin').waitFor();
  await row(page, codigo).getByText(/hace 2 h.*, debía terminar/).waitFor();
  await accessible(page, 'avisos');
  await shot(page, 'avisos');

  await row(page, codigo).locator('.abrir').focus();
  await page.keyboard.press('l');
  await row(page, codigo).waitFor({ state: 'detached' });
  await page.locator('.alerta', { hasText: codigo }).waitFor({ state: 'detached' });

  await page.locator('select[aria-label="Qué avisos"]').selectOption('todos');
  await row(page, codigo).locator('.chip', { hasText: 'Leído' }).waitFor();
  await row(page, codigo).locator('.abrir').press('Enter');
  await page.locator('.detalle', { hasText: codigo }).waitFor();
  await page.locator('.historial li', { hasText: 'Recordatorio leído' }).waitFor();
  await page.keyboard.press('Escape');
});

test('on a telephone, in the light, by one tap; the same person at the desk sees it go', async () => {
  const codigo = await vencida('Otra que se pasó de hora');
  await goTo(page, 'Avisos');
  await row(page, codigo).waitFor();
  const phone = await newPage(context, 360, 740, 'light');
  await enter(phone);
  await goTo(phone, 'Avisos');
  await row(phone, codigo).waitFor();
  await noSideways(phone);
  await accessible(phone, 'avisos, móvil');
  await shot(phone, 'movil-avisos');
  await row(phone, codigo).locator('button', { hasText: 'Marcar leído' }).click();
  await row(phone, codigo).waitFor({ state: 'detached' });
  await row(page, codigo).waitFor({ state: 'detached' });
  await phone.close();
});

test('nothing went wrong on the way', () => {
  expect(complaints).toEqual([]);
  expect(strangers).toEqual([]);
});
