/** Somebody is entered, takes up the account, and guards it with a second factor. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessible, base, complaints, cuenta, enter, goTo, launch, live, login, newPage, noSideways, open, shot, strangers, totp } from './support';

const admin = cuenta('administrador');
const persona = { email: `eva.${Date.now()}@ejemplo.org`, password: 'una frase larga y bien propia' };

let browser: Browser;
let office: BrowserContext;
let page: Page;
/** The browser of the one who is new. */
let own: Page;
let enlace: string;
let secreto: string;

beforeAll(async () => {
  browser = await launch();
  office = await open(browser);
  page = await newPage(office, 1280, 800, 'light');
  own = await newPage(await open(browser), 360, 740, 'dark');
});

afterAll(async () => { await browser?.close(); });

/** Sends the six digits of now; a machine that took longer than they last sends the next ones. */
async function digitos(campo: string, path: string, steps = 0): Promise<void> {
  for (let tries = 0; tries < 3; tries++) {
    await own.locator(campo).fill(totp(secreto, steps));
    const [request] = await Promise.all([
      own.waitForRequest((one) => one.url().endsWith(path) && one.method() === 'POST'),
      own.locator('form', { has: own.locator(campo) }).locator('button[type=submit]').click(),
    ]);
    // None at all when the page gave up waiting for it.
    if ((await request.response())?.ok()) return;
    complaints.length = 0;
  }
  throw new Error(`${path} took no code`);
}

test('an administrator enters a person and is shown the one-time link', async () => {
  await page.goto(base);
  await login(page, admin);
  await live(page);
  await goTo(page, 'Usuarios');
  await page.locator('.tabla tbody tr').first().waitFor();
  await accessible(page, 'usuarios');
  await page.locator('button', { hasText: 'Nuevo usuario' }).click();
  // What is missing is said by the page, all of it at once, in its own language.
  await page.locator('#u-nombre').fill('Eva');
  await page.locator('button', { hasText: 'Registrar' }).click();
  for (const field of ['apellido', 'email']) await page.locator(`#u-${field}-nota`, { hasText: 'Falta completarlo' }).waitFor();
  await page.locator('#u-apellido:focus').waitFor();
  await accessible(page, 'nuevo usuario, incompleto');
  await page.locator('#u-apellido').fill('Prueba');
  await page.locator('#u-apellido-nota:empty').waitFor({ state: 'attached' });
  await page.locator('#u-email').fill(persona.email);
  await accessible(page, 'nuevo usuario');
  await page.locator('button', { hasText: 'Registrar' }).click();
  enlace = await page.locator('[data-enlace]').innerText();
  await shot(page, 'usuarios');
  await page.locator('button', { hasText: 'Ya lo entregué' }).click();
  await page.locator('aside[aria-label^="Usuario"] dd', { hasText: 'enlace sin usar' }).waitFor();
});

test('her jurisdiction is given, said in words, and taken away', async () => {
  const card = page.locator('aside[aria-label^="Usuario"]');
  const form = page.locator('form[aria-label="Jurisdicción"]');
  await card.locator('dd', { hasText: 'Sin límite' }).waitFor();
  await card.locator('button', { hasText: 'Jurisdicción…' }).click();
  await form.locator('label').first().click();
  await form.locator('#j-unidad').fill('Demostración');
  await form.locator('#j-unidad').press('Enter');
  await form.locator('[role=status]', { hasText: 'Efectivos de «Demostración»' }).waitFor();
  await noSideways(page);
  await accessible(page, 'jurisdicción');
  await shot(page, 'jurisdiccion');
  await form.locator('button[type=submit]').click();
  await card.locator('dd', { hasText: 'Efectivos de «Demostración»' }).waitFor();
  await card.locator('button', { hasText: 'Jurisdicción…' }).click();
  await form.locator('label').first().click();
  await form.locator('button[aria-label="Quitar Demostración"]').click();
  await form.locator('[role=status]', { hasText: 'Sin límite' }).waitFor();
  await form.locator('button[type=submit]').click();
  await card.locator('dd', { hasText: 'Sin límite' }).waitFor();
});

test('the person chooses a password with it, and the link is spent', async () => {
  const path = enlace.slice(enlace.indexOf('/activacion'));
  await own.goto(base + path);
  await own.locator('#clave-password').fill(persona.password);
  await own.locator('#clave-password-otra').fill(persona.password);
  // The secret is out of the address at once.
  expect(own.url()).not.toContain(path.split('#')[1]);
  await noSideways(own);
  await accessible(own, 'activación');
  await shot(own, 'activacion');
  await own.locator('button', { hasText: 'Guardar la contraseña' }).click();
  await login(own, persona);
  await live(own);
});

test('sets up a second factor and keeps the recovery codes', async () => {
  await goTo(own, 'Mi perfil');
  await own.locator('#totp-clave').fill(persona.password);
  await own.locator('button', { hasText: 'Preparar' }).click();
  await own.locator('svg.qr').waitFor();
  secreto = await own.locator('.secreto code').innerText();
  await noSideways(own);
  await accessible(own, 'segundo factor');
  await shot(own, 'segundo-factor');
  await digitos('#totp-codigo', '/auth/totp');
  await own.locator('.codigos li').first().waitFor();
  expect(await own.locator('.codigos li').count()).toBe(10);
  await accessible(own, 'códigos de recuperación');
  await own.locator('label', { hasText: 'Los guardé' }).click();
  await own.locator('button', { hasText: 'Listo' }).click();
  await own.locator('#perfil-totp ~ p', { hasText: 'Activa.' }).waitFor();
  await accessible(own, 'perfil');
  await shot(own, 'perfil');
});

test('from then on the password alone does not let in', async () => {
  await own.locator('.cabecera-menu').click();
  await own.locator('.menu button', { hasText: 'Salir' }).click();
  await login(own, persona);
  await own.locator('#totp').waitFor();
  await accessible(own, 'código de verificación');
  await own.locator('#totp').fill('000000');
  await own.keyboard.press('Enter');
  await own.locator('#ingreso-problema p').waitFor();
  // The code of this half minute was spent on setting it up.
  await digitos('#totp', '/auth/login', 1);
  await live(own);
  // The browser itself reports each 401 as a failed resource.
  complaints.length = 0;
});

test('a reload keeps the session, and another session can be ended from the profile', async () => {
  await own.reload();
  await live(own);
  await goTo(own, 'Mi perfil');
  await own.locator('.sesiones .chip', { hasText: 'esta' }).waitFor();
  expect(await own.evaluate(() => JSON.stringify([localStorage, sessionStorage]))).not.toMatch(/eyJ|@/);
  await enter(page);
});

test('no page asked anything of the outside, nor complained', () => {
  expect(strangers).toEqual([]);
  expect(complaints).toEqual([]);
});
