/** What a dispatcher's hands do: drag somebody to a Tarea, or the same by keyboard; and counts that change by themselves. */
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessible, ask, base, clickMap, complaints, cuenta, enter, goTo, launch, live, login, newPage, noSideways, open, read, shot, strangers, token } from './support';

let browser: Browser;
let context: BrowserContext;
let page: Page;
const titulo = `Corte de calle ${Date.now()}`;
/** The one of the field whom nobody else moves: without a position no emergency finds him. */
const QUIEN = 'DEV-1';

beforeAll(async () => {
  browser = await launch();
  context = await open(browser);
  // Wide enough for both lists at once.
  page = await newPage(context, 1920, 1000, 'dark');
  await page.goto(base);
  await login(page, cuenta('supervisor'));
  await live(page);
});

afterAll(async () => { await browser?.close(); });

const persona = (at: Page): Locator => at.locator('[data-lista=efectivo] [role=option]', { hasText: QUIEN });
const tarea = (at: Page): Locator => at.locator('[data-lista=tarea] [role=option]', { hasText: titulo });
/** How he stands in the Tarea that the panel shows. */
const asignado = (at: Page, estado: string): Locator => at.locator('.detalle[aria-label^="Tarea"] .asignados li', { hasText: QUIEN }).filter({ hasText: estado });

async function liberar(): Promise<void> {
  await asignado(page, 'Asignado').locator('button', { hasText: 'Liberar' }).click();
  await asignado(page, 'Liberado').waitFor();
  await persona(page).filter({ hasText: 'Disponible' }).waitFor();
}

/**
 * Drags one thing onto another as a hand does: looking where it is. Rows move when news
 * comes in, so it is dropped only once the page shows, at `shown`, that it would land there.
 */
async function arrastrar(from: Locator, to: Locator, shown = to): Promise<void> {
  const middle = async (what: Locator): Promise<[number, number]> => {
    await what.scrollIntoViewIfNeeded();
    const box = await what.boundingBox();
    return box ? [box.x + box.width / 2, box.y + box.height / 2] : [0, 0];
  };
  const over = shown.locator('xpath=ancestor-or-self::*[contains(concat(" ", @class, " "), " destino ")]');
  for (let tries = 0; tries < 20; tries++) {
    // The row may have gone elsewhere before the button is down: then the hand holds another.
    const meant = await from.evaluateHandle((row) => {
      const held = { right: false };
      document.addEventListener('dragstart', (event) => { held.right = event.target === row; }, { capture: true, once: true });
      return held;
    });
    await page.mouse.move(...await middle(from));
    await page.mouse.down();
    for (let steps = 0; steps < 10; steps++) {
      const [x, y] = await middle(to);
      await page.mouse.move(x + steps % 2, y);
      if (await over.count() === 0) continue;
      if (!await meant.evaluate((held) => held.right)) break;
      await page.mouse.up();
      return;
    }
    // What was taken was not what was meant: let go of it where nothing takes it, and begin again.
    await page.mouse.move(...await middle(page.locator('.reloj')));
    await page.mouse.up();
  }
  throw new Error('it could not be dropped');
}

test('somebody on duty and a Tarea, side by side', async () => {
  await persona(page).click();
  await page.locator('.detalle button', { hasText: 'Poner de turno' }).click();
  await persona(page).filter({ hasText: 'Disponible' }).waitFor();
  await page.keyboard.press('Escape');
  // Before they have told where they are, all there is to look at is the first Tarea of the demo: another
  // on the very same spot would be no mark of its own.
  await page.locator('[data-lista=efectivo] [role=option]', { hasText: 'visto hace' }).nth(5).waitFor();
  await page.keyboard.press('0');
  await page.keyboard.press('n');
  await clickMap(page);
  await page.locator('#nueva-titulo').fill(titulo);
  await page.locator('#nueva-titulo').press('Enter');
  await page.locator('.detalle h2', { hasText: titulo }).waitFor();
  // Alone in its list it stays where it is, whatever happens around it.
  await page.locator('#busca-tareas').fill(titulo);
  await page.waitForFunction(() => document.querySelectorAll('[data-lista=tarea] [role=option]').length === 1);
  await tarea(page).waitFor();
});

test('dragged onto a Tarea he is assigned to it', async () => {
  await arrastrar(persona(page), tarea(page));
  await asignado(page, 'Asignado').waitFor();
  await tarea(page).filter({ hasText: QUIEN }).waitFor();
  await shot(page, 'arrastrado');
  await liberar();
});

test('a Tarea dragged onto him is the same', async () => {
  await page.keyboard.press('Escape');
  await arrastrar(tarea(page), persona(page));
  await asignado(page, 'Asignado').waitFor();
  await liberar();
});

test('its mark on the map takes him too', async () => {
  await page.keyboard.press('Escape');
  // Chosen in the list, it is what the map looks at.
  await tarea(page).click();
  await page.locator('.detalle h2', { hasText: titulo }).waitFor();
  await page.keyboard.press('Escape');
  await arrastrar(persona(page), page.locator('.mapa-caja'), tarea(page));
  await asignado(page, 'Asignado').waitFor();
  await liberar();
});

test('and so it is by keyboard alone', async () => {
  await page.keyboard.press('Escape');
  await page.keyboard.press('d');
  await page.waitForFunction(() => (document.activeElement as HTMLElement | null)?.dataset['lista'] === 'efectivo');
  await page.keyboard.press('End');
  await page.locator('.detalle[aria-label^="Efectivo"] h2', { hasText: QUIEN }).waitFor();
  await page.keyboard.press('a');
  const search = page.locator('#asignar-a');
  await search.waitFor();
  await accessible(page, 'asignar a una tarea');
  await search.focus();
  await page.keyboard.type(titulo);
  await page.locator('.cercanos .buscador li button', { hasText: titulo }).waitFor();
  await page.keyboard.press('Enter');
  await asignado(page, 'Asignado').waitFor();
  await page.locator('.detalle').focus();
  await page.keyboard.press('f');
  await page.locator('#motivo').press('Enter');
  await page.locator('.detalle .estado-finalizada').waitFor();
});

test('who is busy is dragged only on purpose', async () => {
  await page.locator('#busca-tareas').fill('');
  await page.keyboard.press('Escape');
  await persona(page).filter({ hasText: 'Disponible' }).click();
  await page.locator('.detalle button', { hasText: 'No disponible' }).click();
  await persona(page).filter({ hasText: 'No disponible' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  await clickMap(page);
  await page.locator('#nueva-titulo').fill(`${titulo} bis`);
  await page.locator('#nueva-titulo').press('Enter');
  const panel = page.locator('.detalle[aria-label^="Tarea"]');
  await panel.locator('h2', { hasText: `${titulo} bis` }).waitFor();
  // The panel of a Tarea takes him as its row does.
  await arrastrar(persona(page), panel.locator('h2'));
  const anyhow = panel.locator('button', { hasText: 'Asignar igual' });
  await anyhow.waitFor();
  await accessible(page, 'asignar a quien no está disponible');
  await anyhow.click();
  await asignado(page, 'Asignado').waitFor();
  // What is typed the moment the field is there stays.
  await panel.locator('[data-accion=cancelacion]').evaluate((button, words) => new Promise<void>((typed) => {
    new MutationObserver((_, seen) => {
      const field = document.querySelector<HTMLTextAreaElement>('#motivo');
      if (!field) return;
      seen.disconnect();
      field.value = words;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      typed();
    }).observe(document.body, { childList: true, subtree: true });
    (button as HTMLElement).click();
  }), 'Era una prueba');
  await page.locator('#motivo').press('Enter');
  await panel.locator('.estado-cancelada').waitFor();
  await persona(page).click();
  await page.locator('.detalle button', { hasText: 'Terminar el turno' }).click();
  await persona(page).filter({ hasText: 'Fuera de servicio' }).waitFor();
  await page.keyboard.press('Escape');
});

test('of marks that lie over one another a list asks which is meant', async () => {
  const bearer = await token(cuenta('supervisor'));
  for (const name of ['Una', 'Otra']) {
    await ask('/tareas', { titulo: `${name} encima ${titulo}`, tipo: 'inspeccion', prioridad: 3, ubicacion: { lat: -34.91, lon: -58.92 } }, bearer);
  }
  await page.locator('[data-lista=tarea] [role=option]', { hasText: 'Otra encima' }).waitFor();
  await page.locator('[data-lista=tarea] [role=option]', { hasText: 'Una encima' }).click();
  await page.locator('.detalle h2', { hasText: 'Una encima' }).waitFor();
  // The map is there, and its middle is what Enter takes.
  await page.locator('.escala', { hasText: '-34,91' }).filter({ hasText: '-58,92' }).waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.detalle').waitFor({ state: 'detached' });
  await page.keyboard.press('m');
  await page.locator('.mapa canvas:focus').waitFor();
  await page.keyboard.press('Enter');
  const list = page.locator('.encimadas');
  await list.locator('button:focus').waitFor();
  expect(await list.locator('button').count()).toBe(2);
  await accessible(page, 'marcas encimadas');
  await shot(page, 'encimadas');
  await page.keyboard.press('ArrowDown');
  const chosen = await list.locator('button:focus .encimada b').innerText();
  expect(await list.locator('button:focus').innerText()).toBe(await list.locator('button').last().innerText());
  await page.keyboard.press('Enter');
  await page.locator('.detalle h2', { hasText: chosen }).waitFor();
  await list.waitFor({ state: 'detached' });

  // By hand, and left again with nothing chosen.
  await page.keyboard.press('Escape');
  await page.locator('.detalle').waitFor({ state: 'detached' });
  const map = await page.locator('.mapa-caja').boundingBox();
  if (!map) throw new Error('the map has no box');
  await page.mouse.click(map.x + map.width / 2, map.y + map.height / 2 - 10);
  await list.locator('button:focus').waitFor();
  await page.keyboard.press('Escape');
  await list.waitFor({ state: 'detached' });
  expect(await page.locator('.detalle').count()).toBe(0);
});

test('who calls for help by radio rings everywhere, until somebody takes charge', async () => {
  await persona(page).click();
  await page.locator('.detalle button', { hasText: 'Pidió ayuda' }).click();
  const box = page.locator('[aria-label="Pedido de ayuda (SOS)"]');
  await box.waitFor();
  await accessible(page, 'SOS por radio');
  await box.locator('button', { hasText: `SOS de ${QUIEN}` }).click();
  const rings = (at: Page) => at.locator('.alerta', { hasText: 'SOS' }).filter({ hasText: QUIEN });
  await rings(page).waitFor();
  // Who opens the page later must hear of it too, on top of all else; it cannot be signed for by the heap.
  const later = await newPage(context, 1280, 800, 'light');
  await enter(later);
  await later.locator('[role=alert] .alerta', { hasText: 'SOS' }).filter({ hasText: QUIEN }).waitFor();
  await shot(later, 'sos-1280-claro');
  // It can be signed for there as well: the record says which call it is.
  await Promise.all([
    later.waitForResponse((one) => one.url().endsWith('/acuse') && one.ok()),
    rings(later).locator('button', { hasText: 'Enterado' }).click(),
  ]);
  await rings(later).waitFor({ state: 'detached' });
  const attend = page.locator('[aria-label="Pedido de ayuda"]');
  await attend.locator('#sos-observaciones').fill('Era una prueba');
  await attend.locator('button[type=submit]').click();
  await attend.waitFor({ state: 'detached' });
  // Attended, it rings nowhere.
  for (const at of [page, later]) await rings(at).waitFor({ state: 'detached' });
  await later.close();
  await page.keyboard.press('Escape');
});

/** What waits for somebody's word, as the server tells it. */
interface Esperan { total: number; datos: { id: string; desde?: string; motivo?: string }[] }

/**
 * The badge says as much as waits, and this one is among it, or is not any more. By the server's
 * own count: the demo asks for leaves meanwhile, and grants them.
 */
async function avisa(at: Page, bearer: string, paths: string[], mio: (one: Esperan['datos'][number]) => boolean, espera: boolean): Promise<void> {
  await expect.poll(async () => {
    const lists = await Promise.all(paths.map((path) => read<Esperan>(path, bearer)));
    // Its reminders aside; without it, nothing waits.
    const text = await at.evaluate(() => document.querySelector('.cabecera-menu .pendientes')?.textContent ?? '');
    const badge = Number(/(\d+) por resolver/.exec(text)?.[1] ?? 0);
    return { sobran: badge - lists.reduce((sum, { total }) => sum + total, 0), mio: lists.some(({ datos }) => datos.some(mio)) };
  }, { timeout: 90_000, interval: 500 }).toEqual({ sobran: 0, mio: espera });
}

const LICENCIAS = '/licencias?estado=solicitada&limite=100';
const PEDIDOS = '/aprobaciones?estado=solicitada,aprobada&limite=100';

test('the badge counts a leave as soon as it is asked for, and no more once it is answered', async () => {
  const other = await newPage(context, 1920, 1000, 'light');
  await enter(other);
  await goTo(page, 'Aprobaciones');
  await page.locator('#ap-licencias ~ *').first().waitFor();
  const bearer = await token(cuenta('supervisor'));
  const year = new Date().getFullYear() + 6;
  const avisan = (at: Page, espera: boolean) => avisa(at, bearer, [LICENCIAS], ({ desde }) => desde?.startsWith(`${year}-03-10`) ?? false, espera);
  await avisan(page, false);
  await persona(other).click();
  await other.locator('.detalle button', { hasText: 'Licencia' }).click();
  await other.locator('#licencia-desde').fill(`${year}-03-10`);
  await other.locator('#licencia-hasta').fill(`${year}-03-12`);
  await other.locator('button', { hasText: 'Pedir la licencia' }).click();
  await avisan(page, true);
  // The open page shows it too, and there it is answered.
  const row = page.locator('[aria-labelledby=ap-licencias] li', { hasText: `10/03/${year}` });
  await row.waitFor();
  await accessible(page, 'aprobaciones');
  await shot(page, 'aprobaciones');
  await row.locator('button', { hasText: 'Rechazar' }).click();
  await page.locator('#con-motivo').fill('Hacen falta todos');
  await row.locator('button[type=submit]').click();
  await row.waitFor({ state: 'detached' });
  for (const at of [page, other]) await avisan(at, false);
  await other.close();
});

test('a request that takes two is counted for an administrator, and so is its end', async () => {
  const office = await open(browser);
  const admin = await newPage(office, 1280, 800, 'dark');
  await admin.goto(base);
  await login(admin, cuenta('administrador'));
  await live(admin);
  await admin.locator('.cabecera-menu').waitFor();
  const other = await newPage(office, 360, 740, 'light');
  await enter(other);
  await goTo(other, 'Aprobaciones');
  await other.locator('summary', { hasText: 'Pedir una exportación' }).click();
  const bearer = await token(cuenta('administrador'));
  const avisan = (espera: boolean) => avisa(admin, bearer, [LICENCIAS, PEDIDOS], ({ motivo }) => motivo === MOTIVO, espera);
  await avisan(false);
  await other.locator('#ap-pedidos').waitFor();
  await pedirExportacion(other);
  await avisan(true);
  await noSideways(other);
  await accessible(other, 'pedido en un teléfono');
  await other.locator('.aprobacion button', { hasText: 'Retirar' }).first().click();
  await other.locator('#con-motivo').fill('Era una prueba');
  await other.locator('.aprobacion button[type=submit]').click();
  await avisan(false);
  await office.close();
});

const MOTIVO = `Prueba del tablero ${Date.now()}`;

async function pedirExportacion(at: Page): Promise<void> {
  const form = at.locator('details[open] form');
  const field = (ago: number) => new Date(Date.now() - ago * 3_600_000).toISOString().slice(0, 16);
  await form.locator('#ex-desde').fill(field(48));
  await form.locator('#ex-hasta').fill(field(24));
  await form.locator('#ex-motivo').fill(MOTIVO);
  await form.locator('button[type=submit]').click();
  await at.locator('.aprobacion').first().waitFor();
}

test('the name of the window counts the alerts that wait', async () => {
  await page.locator('.alerta').first().waitFor();
  await page.waitForFunction(() => {
    const more = /Ver (\d+) más/.exec(document.querySelector('.alertas')?.textContent ?? '')?.[1] ?? '0';
    return document.querySelector('.alerta') !== null && document.title.startsWith(`(${Number(more) + 1}) `);
  });
});

test('no page asked anything of the outside, nor complained', () => {
  expect(strangers).toEqual([]);
  expect(complaints).toEqual([]);
});
