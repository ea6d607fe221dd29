import { Secret, TOTP } from 'otpauth';
import type { Page } from 'playwright-core';

/** Sets up an authenticator app where the login asks for one; answers with the app (npm's otpauth). */
export async function setUpAuthenticator(page: Page): Promise<TOTP> {
  await page.click('#mode-manual');
  const shown = await page.innerText('#kc-totp-secret-key');
  const app = new TOTP({ secret: Secret.fromBase32(shown.replaceAll(/\s/g, '')) });
  await page.fill('#totp', app.generate());
  await page.fill('#userLabel', 'phone');
  await page.click('#saveTOTPBtn');
  return app;
}

/** Takes the recovery codes that the login shows; answers with them. */
export async function setUpRecoveryCodes(page: Page): Promise<string[]> {
  const shown = await page.locator('#kc-recovery-codes-list li').allInnerTexts();
  await page.check('#kcRecoveryCodesConfirmationCheck');
  await page.click('#saveRecoveryAuthnCodesBtn');
  return shown.map((each) => each.replace(/^\d+:/, '').replaceAll(/[\s-]/g, ''));
}

/** Enters what the app shows, where the login asks for it. */
export async function enterCode(page: Page, code: string): Promise<void> {
  await page.fill('#otp', code);
  await page.click('#kc-login');
}

/** Chooses to log in by a recovery code instead. */
export async function enterRecoveryCode(page: Page, code: string): Promise<void> {
  await page.click('#try-another-way');
  await page.click('text=Recovery Authentication Code');
  await page.fill('#recoveryCodeInput', code);
  await page.click('#kc-login');
}
