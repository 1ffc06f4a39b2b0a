import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SendMailOptions } from 'nodemailer';
import { replaceFile } from '../../../shared/atomic-file.ts';
import type { Cluster } from '../cluster.ts';
import type { ClusterConfig } from '../config/config.ts';
import type { WaitingMail } from './outbox.ts';

/** What takes a mail away, or says by an error that it could not. */
export interface MailCarrier {
  carry(mail: WaitingMail): Promise<void>;
}

/** How long an SMTP server may take to answer, in milliseconds: the mail is tried again later. */
const SMTP_TIMEOUT_MS = 30_000;

type Smtp = NonNullable<ClusterConfig['mail']['smtp']>;

/** Loaded with the first mail: a server that idles need not carry it. */
const nodemailer = async () => (await import('nodemailer')).default;

/** Carries mails to the SMTP server of the configuration. */
export function smtpCarrier(
  config: ClusterConfig,
  { host, port, secure = false, user, passwordFile }: Smtp,
): MailCarrier {
  const pass = passwordFile === undefined ? '' : readFileSync(passwordFile, 'utf8').trim();
  const options = {
    host,
    port: port ?? (secure ? 465 : 587),
    secure,
    connectionTimeout: SMTP_TIMEOUT_MS,
    greetingTimeout: SMTP_TIMEOUT_MS,
    socketTimeout: SMTP_TIMEOUT_MS,
    ...(user === undefined ? {} : { auth: { user, pass } }),
  };
  return {
    async carry(mail) {
      const { createTransport } = await nodemailer();
      await createTransport(options).sendMail(messageOf(config, mail));
    },
  };
}

/** Writes mails into the outbox directory, a file each, for an administrator or another program to look at. */
export function fileCarrier({ config, directory }: Pick<Cluster, 'config' | 'directory'>): MailCarrier {
  return {
    async carry(mail) {
      const { createTransport } = await nodemailer();
      const transport = createTransport({ streamTransport: true, buffer: true });
      const { message } = await transport.sendMail(messageOf(config, mail));
      // By its number: a mail that is carried a second time, after a crash, is not there twice.
      replaceFile(join(directory.outbox, `${mail.id}.eml`), String(message), { durable: true });
    },
  };
}

/** The same mail has the same id however often it is sent, so that mail systems can tell. */
function messageOf({ mail: { from } }: ClusterConfig, mail: WaitingMail): SendMailOptions {
  const domain =
    from
      .split('@')
      .at(-1)
      ?.replace(/[^A-Za-z0-9.-]/g, '') || 'localhost';
  return {
    from,
    to: { name: '', address: mail.recipient },
    subject: mail.subject,
    text: mail.body,
    date: new Date(mail.writtenAt),
    messageId: `<maestro-${mail.writtenAt}-${mail.id}@${domain}>`,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
