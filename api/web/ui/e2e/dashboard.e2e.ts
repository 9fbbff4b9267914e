/**
 * A dispatcher's first minutes, in a real browser against a running system.
 *
 *   BASE_URL          where the system listens, e.g. http://127.0.0.1:8080
 *   CREDENTIALS_FILE  dev-credentials.json: {"usuarios": [{"rol", "email", "password"}]}
 *   SHOT_DIR          where pictures are left; none are taken without it
 *   CHROMIUM          the browser, /usr/bin/chromium by default
 *
 * The system needs at least one Efectivo on duty, free, with a position.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page, WebSocketRoute } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

const base = need('GAD_E2E_URL', 'BASE_URL');
const { usuarios } = JSON.parse(readFileSync(need('CREDENTIALS_FILE'), 'utf8')) as {
  usuarios: { rol: string; email: string; password: string }[];
};
const dispatcher = usuarios.find((u) => u.rol === 'supervisor') ?? usuarios.find((u) => u.rol === 'administrador');
const shots = process.env['SHOT_DIR'];
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** The dispatcher's session after the first login: logins are limited per minute. */
let session: string | null = null;

let browser: Browser;
let context: BrowserContext;
let page: Page;
/** What the pages complained about; must stay empty. */
const complaints: string[] = [];
/** Addresses outside the system that any page asked for; must stay empty. */
const strangers: string[] = [];
const titulo = `Prueba de tablero ${Date.now()}`;

beforeAll(async () => {
  browser = await launch();
  context = await open(browser, { width: 1280, height: 800 }, 'dark');
  page = await context.newPage();
});

afterAll(async () => { await browser?.close(); });

test('a wrong password says so in Spanish', async () => {
  await page.goto(base);
  await login(page, 'no es la clave de nadie');
  await page.locator('#ingreso-problema p').first().waitFor();
  expect(await page.locator('#ingreso-problema').innerText()).toMatch(/[a-zñáéíóú]{3,}/i);
  // The browser itself reports the 401 as a failed resource.
  complaints.length = 0;
});

test('logs in and sees lists and a map that is not empty', async () => {
  await login(page);
  await live(page);
  session = await page.evaluate(() => sessionStorage.getItem('gad.sesion'));
  await page.locator('[data-lista=efectivo] [role=option]').first().waitFor({ state: 'attached' });
  expect(await page.locator('.mapa-caja').getAttribute('data-base')).toMatch(/^(webgl|canvas)$/);
  await drawn(page);
  await shot('tablero-1280-oscuro');
});

test('creates a Tarea on the map, by keyboard and click', async () => {
  // Where people are, so that somebody is near.
  await page.keyboard.press('0');
  await page.keyboard.press('n');
  const map = await page.locator('.mapa-caja').boundingBox();
  if (!map) throw new Error('the map has no box');
  await page.mouse.click(map.x + map.width / 2, map.y + map.height / 2);
  await page.locator('#nueva-titulo').fill(titulo);
  await page.locator('#nueva-prioridad').selectOption('4');
  await page.locator('#nueva-lugar').fill('Esquina de prueba');
  await shot('nueva-tarea');
  await page.keyboard.press('Enter');
  await page.locator('.detalle h2', { hasText: titulo }).waitFor();
  await page.locator('[data-lista=tarea] [role=option]', { hasText: titulo }).waitFor();
});

test('assigns the nearest with two keys', async () => {
  await page.locator('.detalle').focus();
  await page.keyboard.press('a');
  const first = page.locator('[data-cercano]').first();
  await first.waitFor();
  await shot('cercanos');
  const efectivo = await first.getAttribute('data-cercano');
  await first.press('Enter');
  await page.locator('.asignados li').first().waitFor();
  expect(efectivo).toBeTruthy();
  await page.locator('[data-lista=tarea] [role=option]', { hasText: titulo }).locator('.sin-asignar').waitFor({ state: 'detached' });
});

test('another dispatcher sees it change over the socket, without a reload', async () => {
  const other = await (await open(browser, { width: 1280, height: 800 }, 'light')).newPage();
  await enter(other);
  await live(other);
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
  await shot('tablero-1280-claro', other);
  await other.context().close();
});

test('its history is a timeline of what was done, with position and hour', async () => {
  const history = page.locator('.historial');
  for (const text of ['Tarea creada', 'Asignada: ', 'Iniciada', 'Pausada']) {
    await history.locator('b', { hasText: text }).first().waitFor();
  }
  const lines = await history.locator('li').allInnerTexts();
  for (const line of lines) expect(line).toMatch(/\d\d:\d\d:\d\d[\s\S]*posición [\d.]+ del registro/);
  await shot('historia');
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
    const phone = await open(browser, { width: 360, height: 740 }, scheme);
    const small = await phone.newPage();
    await small.goto(base);
    await noSideways(small);
    await accessible(small, `ingreso, ${scheme}`);
    await enter(small);
    await live(small);
    await drawn(small);
    await noSideways(small);
    await shot(`movil-mapa-${scheme}`, small);
    for (const list of ['Tareas', 'Efectivos']) {
      await small.locator('.barra button', { hasText: list }).click();
      const row = small.locator('[role=option]:visible').first();
      if (await small.locator(`[data-lista] [role=option]`).count() > 0) await row.waitFor();
      await noSideways(small);
      await accessible(small, `${list}, ${scheme}`);
      await shot(`movil-${list.toLowerCase()}-${scheme}`, small);
    }
    await small.locator('[data-lista=efectivo] [role=option]').first().click();
    await small.locator('.detalle h2').waitFor();
    await noSideways(small);
    await accessible(small, `efectivo, ${scheme}`);
    await shot(`movil-efectivo-${scheme}`, small);
    await phone.close();
  }
});

test('fills a screen on the wall', async () => {
  const wall = await (await open(browser, { width: 2560, height: 1440 }, 'dark')).newPage();
  await enter(wall);
  await live(wall);
  await drawn(wall);
  await noSideways(wall);
  await shot('pared-2560', wall);
  await wall.context().close();
});

test('says so when the server goes away, and comes back by itself', async () => {
  const unlucky = await (await open(browser, { width: 1280, height: 800 }, 'dark')).newPage();
  let away = false;
  const sockets: WebSocketRoute[] = [];
  await unlucky.routeWebSocket(/\/ws$/, (socket) => {
    sockets.push(socket);
    if (away) void socket.close({ code: 1013, reason: 'full' });
    else socket.connectToServer();
  });
  await enter(unlucky);
  await live(unlucky);
  away = true;
  for (const socket of sockets) await socket.close({ code: 1012, reason: 'restart' });
  await unlucky.locator('.conexion-mal').waitFor();
  expect(await unlucky.locator('.conexion').innerText()).toMatch(/Sin conexión[\s\S]*datos de hace[\s\S]*reint(ento en|entando)/);
  await shot('sin-conexion', unlucky);
  away = false;
  await live(unlucky);
  await unlucky.context().close();
});

test('without WebGL the flat map does the same', async () => {
  const flat = await launch(['--disable-3d-apis']);
  try {
    const without = await (await open(flat, { width: 1280, height: 800 }, 'dark')).newPage();
    await enter(without);
    await live(without);
    await without.locator('.mapa-caja[data-base=canvas]').waitFor();
    await drawn(without);
    await without.keyboard.press('n');
    const map = await without.locator('.mapa-caja').boundingBox();
    if (!map) throw new Error('the map has no box');
    await without.mouse.click(map.x + map.width / 2, map.y + map.height / 2);
    await without.locator('#nueva-titulo').waitFor();
    await without.keyboard.press('Escape');
    await accessible(without, 'mapa plano');
    await shot('sin-webgl', without);
  } finally {
    await flat.close();
  }
});

test('the contract is rendered from this very server', async () => {
  const docs = await context.newPage();
  await docs.goto(`${base}/docs/`);
  await docs.locator('.swagger-ui .opblock').first().waitFor();
  await shot('docs', docs);
  await docs.close();
});

test('no page asked anything of the outside, nor complained', () => {
  expect(strangers).toEqual([]);
  expect(complaints).toEqual([]);
});

function need(name: string, told = name): string {
  const value = process.env[name];
  if (!value) throw new Error(`set ${told}; the head of this file says what it is`);
  return value;
}

function launch(more: string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [...FLAGS, ...more],
    // Software drawing is what a machine without a GPU really gets; no flag may better it.
    ignoreDefaultArgs: ['--enable-unsafe-swiftshader'],
  });
}

async function open(from: Browser, viewport: { width: number; height: number }, colorScheme: 'dark' | 'light'): Promise<BrowserContext> {
  const opened = await from.newContext({ viewport, colorScheme, locale: 'es-AR', reducedMotion: 'reduce' });
  opened.on('page', (added) => {
    added.on('pageerror', (error) => complaints.push(error.message));
    added.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
    added.on('request', (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol.startsWith('http') && host !== new URL(base).host) strangers.push(request.url());
    });
  });
  return opened;
}

async function login(at: Page, password = dispatcher?.password ?? ''): Promise<void> {
  await at.locator('#email').fill(dispatcher?.email ?? '');
  await at.locator('#password').fill(password);
  await at.locator('button[type=submit]').click();
}

/** Opens the dashboard as somebody who is logged in. */
async function enter(at: Page): Promise<void> {
  await at.addInitScript((text) => sessionStorage.setItem('gad.sesion', text), session ?? '');
  await at.goto(base);
}

async function live(at: Page): Promise<void> {
  await at.locator('[data-conexion=live]').waitFor();
}

/** The overlay shows more than nothing: marks, grid and names are many colours. */
async function drawn(at: Page): Promise<void> {
  await at.waitForFunction(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.mapa-capa');
    const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    const colours = new Set<number>();
    for (let i = 0; i < pixels.length && colours.size < 20; i += 16) {
      if (pixels[i + 3] === 255) colours.add(((pixels[i] ?? 0) << 16) | ((pixels[i + 1] ?? 0) << 8) | (pixels[i + 2] ?? 0));
    }
    return colours.size >= 20;
  });
}

async function noSideways(at: Page): Promise<void> {
  const { scroll, view } = await at.evaluate(() => ({ scroll: document.documentElement.scrollWidth, view: innerWidth }));
  expect(scroll).toBeLessThanOrEqual(view);
}

async function accessible(at: Page, where: string): Promise<void> {
  // Through the debugger: the page's own policy lets no inline script run.
  await at.evaluate(axeSource);
  const violations = await at.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (what: Document, options: object) => Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> } };
    const result = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return result.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html} ${n.failureSummary ?? ''}`).join(' | ')}`);
  });
  expect(violations, where).toEqual([]);
}

async function shot(name: string, at: Page = page): Promise<void> {
  if (shots) await at.screenshot({ path: join(shots, `${name}.png`) });
}
