/** A dispatcher's first minutes, in a real browser against a running system. */
import type { Browser, BrowserContext, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  accessible, base, clickMap, complaints, cuenta, drawn, enter, launch, live, login, newPage, noSideways, open, shot, someFree, strangers, taken,
} from './support';

const dispatcher = cuenta('supervisor');

let browser: Browser;
/** The dispatcher's browser: whoever logs in is limited, so all his pages share one session. */
let context: BrowserContext;
let page: Page;
const titulo = `Prueba de tablero ${Date.now()}`;

beforeAll(async () => {
  browser = await launch();
  context = await open(browser);
  page = await newPage(context, 1280, 800, 'dark');
});

afterAll(async () => { await browser?.close(); });

test('a wrong password says so in Spanish', async () => {
  await page.goto(base);
  await login(page, { ...dispatcher, password: 'no es la clave de nadie' });
  await page.locator('#ingreso-problema p').first().waitFor();
  expect(await page.locator('#ingreso-problema').innerText()).toMatch(/[a-zñáéíóú]{3,}/i);
  // The browser itself reports the 401 as a failed resource.
  complaints.length = 0;
});

test('logs in and sees lists and a map that is not empty', async () => {
  await login(page, dispatcher);
  await live(page);
  await someFree(page);
  await page.locator('.mapa-caja:is([data-base=webgl], [data-base=canvas])').waitFor();
  await drawn(page);
  await shot(page, 'tablero-1280-oscuro');
});

test('creates a Tarea on the map, by keyboard and click', async () => {
  // Where people are, so that somebody is near.
  await page.keyboard.press('0');
  await page.keyboard.press('n');
  await clickMap(page);
  await page.locator('#nueva-titulo').fill(titulo);
  await page.locator('#nueva-prioridad').selectOption('4');
  await page.locator('#nueva-lugar').fill('Esquina de prueba');
  await shot(page, 'nueva-tarea');
  await page.keyboard.press('Enter');
  await page.locator('.detalle h2', { hasText: titulo }).waitFor();
  await page.locator('[data-lista=tarea] [role=option]', { hasText: titulo }).waitFor();
});

test('assigns the nearest with two keys', async () => {
  await page.locator('.detalle').focus();
  await page.keyboard.press('a');
  const first = page.locator('[data-cercano]:not([aria-disabled])').first();
  await first.waitFor();
  await shot(page, 'cercanos');
  expect(await first.getAttribute('data-cercano')).toBeTruthy();
  await taken(page, '/asignaciones', () => first.press('Enter'));
  await page.locator('.asignados li').first().waitFor();
  await page.locator('[data-lista=tarea] [role=option]', { hasText: titulo }).locator('.sin-asignar').waitFor({ state: 'detached' });
});

test('another dispatcher sees it change over the socket, without a reload', async () => {
  const other = await newPage(context, 1280, 800, 'light');
  await enter(other);
  const row = other.locator('[data-lista=tarea] [role=option]', { hasText: titulo });
  await row.waitFor();
  await other.evaluate(() => { (window as unknown as { here: boolean }).here = true; });

  await page.locator('.detalle').focus();
  await page.keyboard.press('i');
  await row.locator('.chip', { hasText: 'En curso' }).waitFor();
  await page.locator('[data-accion=pausa]').click();
  await page.locator('#motivo').fill('Falta un móvil');
  await page.keyboard.press('Enter');
  await row.locator('.chip', { hasText: 'Pausada' }).waitFor();
  expect(await other.evaluate(() => (window as unknown as { here?: boolean }).here)).toBe(true);
  await shot(other, 'tablero-1280-claro');
  await other.close();
});

test('its history is a timeline of what was done, with position and hour', async () => {
  const history = page.locator('.historial');
  for (const text of ['Tarea creada', 'Asignada: ', 'Iniciada', 'Pausada']) {
    await history.locator('b', { hasText: text }).first().waitFor();
  }
  const lines = await history.locator('li').allInnerTexts();
  for (const line of lines) expect(line).toMatch(/\d\d:\d\d:\d\d[\s\S]*posición [\d.]+ del registro/);
  await shot(page, 'historia');
});

test('nothing on any screen breaks WCAG 2.2 AA, dark or light', async () => {
  for (const [tema, colorScheme] of [['oscuro', 'dark'], ['claro', 'light']] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-tema=${tema}]`).waitFor();
    await accessible(page, `tarea, ${tema}`);
    await page.locator('.leyenda button').click();
    await accessible(page, `referencias, ${tema}`);
    await page.locator('.leyenda button').click();
    await page.keyboard.press('?');
    await page.locator('dialog[open]').waitFor();
    await accessible(page, `ayuda, ${tema}`);
    await page.keyboard.press('Escape');
    await page.locator('[data-accion=cancelacion]').click();
    await accessible(page, `motivo, ${tema}`);
    await page.keyboard.press('Escape');
    await page.keyboard.press('c');
    await page.locator('[aria-label^=Modificar] form').waitFor();
    await accessible(page, `modificar, ${tema}`);
    await page.keyboard.press('Escape');
  }
});

test('finishes it, and the fleet has one more free', async () => {
  await page.locator('[data-accion=finalizacion]').click();
  await page.locator('#motivo').fill('Sin novedad');
  await page.keyboard.press('Enter');
  await page.locator('.detalle .estado-finalizada').waitFor();
  await page.locator('.historial b', { hasText: 'Finalizada' }).waitFor();
});

test('works at 360 pixels, nothing to scroll sideways', async () => {
  for (const scheme of ['dark', 'light'] as const) {
    const stranger = await open(browser);
    const door = await newPage(stranger, 360, 740, scheme);
    await door.goto(base);
    await door.locator('#email').waitFor();
    await noSideways(door);
    await accessible(door, `ingreso, ${scheme}`);
    await stranger.close();
    const small = await newPage(context, 360, 740, scheme);
    await enter(small);
    await drawn(small);
    await noSideways(small);
    await shot(small, `movil-mapa-${scheme}`);
    for (const list of ['Tareas', 'Efectivos']) {
      await small.locator('.barra button', { hasText: list }).click();
      const row = small.locator('[role=option]:visible').first();
      if (await small.locator(`[data-lista] [role=option]`).count() > 0) await row.waitFor();
      await noSideways(small);
      await accessible(small, `${list}, ${scheme}`);
      await shot(small, `movil-${list.toLowerCase()}-${scheme}`);
    }
    await small.locator('[data-lista=efectivo] [role=option]').first().click();
    await small.locator('.detalle h2').waitFor();
    await noSideways(small);
    await accessible(small, `efectivo, ${scheme}`);
    await shot(small, `movil-efectivo-${scheme}`);
    await small.close();
  }
});

test('fills a screen on the wall', async () => {
  const wall = await newPage(context, 2560, 1440, 'dark');
  await enter(wall);
  await drawn(wall);
  await noSideways(wall);
  await shot(wall, 'pared-2560');
  await wall.close();
});

test('says so when the server goes away, and comes back by itself', async () => {
  const unlucky = await newPage(context, 1280, 800, 'dark');
  let away = false;
  const sockets: WebSocketRoute[] = [];
  await unlucky.routeWebSocket(/\/ws$/, (socket) => {
    sockets.push(socket);
    if (away) void socket.close({ code: 1013, reason: 'full' });
    else socket.connectToServer();
  });
  await enter(unlucky);
  away = true;
  for (const socket of sockets) await socket.close({ code: 1012, reason: 'restart' });
  await unlucky.locator('.conexion-mal').waitFor();
  expect(await unlucky.locator('.conexion').innerText()).toMatch(/Sin conexión[\s\S]*datos de hace[\s\S]*reint(ento en|entando)/);
  await shot(unlucky, 'sin-conexion');
  away = false;
  await live(unlucky);
  await unlucky.close();
});

test('without WebGL the flat map does the same', async () => {
  const flat = await launch(['--disable-3d-apis']);
  try {
    const without = await newPage(await open(flat), 1280, 800, 'dark');
    await without.goto(base);
    await login(without, dispatcher);
    await live(without);
    await without.locator('.mapa-caja[data-base=canvas]').waitFor();
    await drawn(without);
    await without.keyboard.press('n');
    await clickMap(without);
    await without.locator('#nueva-titulo').waitFor();
    await without.keyboard.press('Escape');
    await accessible(without, 'mapa plano');
    await shot(without, 'sin-webgl');
  } finally {
    await flat.close();
  }
});

test('the contract is rendered from this very server', async () => {
  const docs = await newPage(context, 1280, 800, 'light');
  await docs.goto(`${base}/docs/`);
  await docs.locator('.swagger-ui .opblock').first().waitFor();
  await shot(docs, 'docs');
  await docs.close();
});

test('no page asked anything of the outside, nor complained', () => {
  expect(strangers).toEqual([]);
  expect(complaints).toEqual([]);
});
