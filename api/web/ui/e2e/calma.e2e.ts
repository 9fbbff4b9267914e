/** What somebody is in the middle of survives what the operation does meanwhile. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessible, ask, base, clickMap, complaints, cuenta, enter, goTo, launch, live, login, newPage, open, shot, someFree, strangers, token } from './support';

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

test('a Tarea of later, and one past its end, say so in the list', async () => {
  const create = (what: object) => ask<{ id: string }>('/tareas', { tipo: 'inspeccion', prioridad: 4, ubicacion: { lat: -34.6, lon: -58.4 }, ...what }, mine);
  const mine = await token(cuenta('supervisor'));
  const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
  await create({ titulo: `Más tarde ${marca}`, inicio_programado: at(60 * 30) });
  await create({ titulo: `Enseguida ${marca}`, inicio_programado: at(9) });
  await create({ titulo: `Vencida ${marca}`, inicio_programado: at(-60), fin_programado: at(-17), permitir_solape: true });
  const row = (name: string) => filas(page).filter({ hasText: `${name} ${marca}` });
  await row('Más tarde').locator('time', { hasText: /^\d+\/\d+(\/\d+)? \d\d:\d\d$/ }).waitFor();
  expect(await row('Más tarde').locator('.sin-asignar').count()).toBe(0);
  await row('Enseguida').locator('time', { hasText: /^en \d min$/ }).waitFor();
  expect(await row('Enseguida').locator('.sin-asignar').count()).toBe(1);
  await row('Vencida').locator('.problema', { hasText: /vencida hace (1[7-9]|2\d) min/ }).waitFor();
  await shot(page, 'lista-futuro');
});

test('what somebody else changed meanwhile is not overwritten unseen', async () => {
  const mine = await token(cuenta('administrador'));
  const { id } = await ask<{ id: string }>('/tareas', { titulo: `Dos manos ${marca}`, tipo: 'inspeccion', prioridad: 3, ubicacion: { lat: -34.6, lon: -58.4 } }, mine);
  const patch = (body: object) => ask(`/tareas/${id}`, body, mine, 'PATCH');
  await filas(page).filter({ hasText: `Dos manos ${marca}` }).click();
  await page.locator('[data-accion=edicion]').click();
  const form = page.locator('[aria-label^="Modificar"]');
  await form.locator('#edicion-descripcion').fill('Lo que yo escribí');

  // It began meanwhile: no field of the form, and no reason to refuse it.
  await ask(`/tareas/${id}/inicio`, {}, mine);
  await page.locator('.detalle .estado-en_curso').waitFor();
  expect(await form.locator('[role=alert] li').count()).toBe(0);

  await patch({ titulo: `Otro nombre ${marca}` });
  const box = form.locator('[role=alert] li', { hasText: 'Título' });
  await box.filter({ hasText: `era «Dos manos ${marca}», ahora «Otro nombre ${marca}»` }).waitFor();
  expect(await form.locator('#edicion-titulo').inputValue()).toBe(`Dos manos ${marca}`);
  await box.scrollIntoViewIfNeeded();
  await accessible(page, 'cambió mientras escribía');
  await shot(page, 'cambio-ajeno');
  await form.locator('button', { hasText: 'Tomar lo nuevo' }).click();
  await box.waitFor({ state: 'detached' });
  expect(await form.locator('#edicion-titulo').inputValue()).toBe(`Otro nombre ${marca}`);
  expect(await form.locator('#edicion-descripcion').inputValue()).toBe('Lo que yo escribí');

  await patch({ descripcion: 'Lo que escribió otra persona' });
  await form.locator('[role=alert] li', { hasText: 'Descripción' }).waitFor();
  await form.locator('button', { hasText: 'Guardar igual' }).click();
  await form.waitFor({ state: 'detached' });
  await page.locator('.detalle-texto', { hasText: 'Lo que yo escribí' }).waitFor();
  await page.locator('.detalle h2', { hasText: `Otro nombre ${marca}` }).waitFor();
});

test('a period that cannot be is said, and a failed reading shows no old figures as new', async () => {
  await goTo(page, 'Estadísticas');
  await page.locator('#e-serie').waitFor();
  const [desde, hasta] = [page.locator('.barra-filtros input').first(), page.locator('.barra-filtros input').last()];
  const before = [await desde.inputValue(), await hasta.inputValue()];
  await desde.fill(new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10));
  await page.locator('[role=alert]', { hasText: 'Desde es posterior a Hasta' }).waitFor();
  expect(await page.locator('#e-serie, #e-grupos').count()).toBe(0);
  await accessible(page, 'período que no puede ser');
  await shot(page, 'periodo-al-reves');
  await page.locator('button', { hasText: 'Cambiar una por otra' }).click();
  await page.locator('#e-grupos').waitFor();

  await page.route('**/estadisticas/t*', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"codigo":"ocupado","detail":"Todavía no se puede."}' }));
  await desde.fill(before[0] ?? '');
  await page.locator('.pagina [role=alert]', { hasText: 'Todavía no se puede' }).first().waitFor();
  expect(await page.locator('#e-serie').count()).toBe(0);
  await page.unroute('**/estadisticas/t*');
  // It comes back by itself.
  await page.locator('#e-serie').waitFor();
  await page.keyboard.press('Escape');
});

test('on a telephone with an alert, filters that are open leave the list its height', async () => {
  const phone = await newPage(context, 360, 740, 'light');
  await enter(phone);
  await phone.locator('.barra button', { hasText: 'Tareas' }).click();
  await phone.locator('button', { hasText: 'Más filtros' }).click();
  await phone.locator('#f-zona').waitFor();
  // Rows come and go while it is looked at.
  await expect.poll(async () => {
    const last = filas(phone).last();
    await last.scrollIntoViewIfNeeded();
    const [row, list] = [await last.boundingBox(), await phone.locator('.lista').first().boundingBox()];
    return row && list && row.height > 20 && row.y >= list.y && row.y < list.y + list.height;
  }, { timeout: 90_000 }).toBe(true);
  await accessible(phone, 'filtros en el teléfono');
  await phone.close();
});

test('no page asked anything of the outside, nor complained', () => {
  expect(strangers).toEqual([]);
  expect(complaints).toEqual([]);
});
