import { resolve } from 'node:path';
import type { Cluster } from '../cluster.ts';
import { fileCarrier, type MailCarrier, smtpCarrier } from './mail-carrier.ts';
import { mailsDue, nextMailAt, takeOutOfOutbox, tryAgainAt, type WaitingMail } from './outbox.ts';

/** Sends what is in the outbox, as long as it is open. */
export interface PostOffice {
  /** Looks at the outbox soon: something may have been put into it. */
  wake(): void;
  /** Lets the mail that is under way leave, and sends no more. */
  close(): Promise<void>;
}

/** A mail that was tried so often is put into the outbox directory: with the pauses between, after two days. */
const MAX_ATTEMPTS = 12;

/** The pause after the first failure, in milliseconds; it doubles with each up to the longest. */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 8 * 60 * 60_000;

/** Mails that are read at once. */
const BATCH = 50;

/** At least so often the outbox is looked at, in milliseconds: a console command may have put something in. */
const LOOK_MS = 60_000;

/** Opens the post office of a cluster: by the SMTP server that it has, else into files. */
export function openPostOffice(cluster: Cluster): PostOffice {
  const { config, directory } = cluster;
  const { smtp } = config.mail;
  const files = fileCarrier(cluster);
  // Files that the configuration names are looked for from the data directory.
  const password =
    smtp?.passwordFile === undefined ? {} : { passwordFile: resolve(directory.root, smtp.passwordFile) };
  const carrier = smtp === undefined ? files : smtpCarrier(config, { ...smtp, ...password });
  return postOffice(cluster, carrier, files);
}

/** A post office that hands mails to a carrier, and those that it cannot take to another one. */
export function postOffice(cluster: Cluster, carrier: MailCarrier, lastResort: MailCarrier): PostOffice {
  const { clock } = cluster;
  let isClosed = false;
  let round: Promise<void> | undefined;
  let isWanted = false;
  let cancelTimer = (): void => {};

  const work = async (): Promise<void> => {
    while (isWanted && !isClosed) {
      isWanted = false;
      await deliver(cluster, carrier, lastResort, () => isClosed);
    }
  };
  const wake = (): void => {
    isWanted = true;
    if (isClosed || round !== undefined) return;
    cancelTimer();
    round = work()
      .catch((err: unknown) => cluster.log.error({ err }, 'the outbox could not be worked on'))
      .finally(() => {
        round = undefined;
        if (isClosed) return;
        const wait = Math.min(
          LOOK_MS,
          Math.max(0, (nextMailAt(cluster) ?? Number.POSITIVE_INFINITY) - clock.now()),
        );
        cancelTimer = clock.after(Math.max(1, wait), wake);
      });
  };
  wake();
  return {
    wake,
    async close() {
      isClosed = true;
      cancelTimer();
      await round;
    },
  };
}

async function deliver(
  cluster: Cluster,
  carrier: MailCarrier,
  lastResort: MailCarrier,
  isClosed: () => boolean,
): Promise<void> {
  for (;;) {
    const mails = mailsDue(cluster, cluster.clock.now(), BATCH);
    for (const mail of mails) {
      if (isClosed()) return;
      await carryOne(cluster, carrier, lastResort, mail);
    }
    if (mails.length < BATCH) return;
  }
}

async function carryOne(
  cluster: Cluster,
  carrier: MailCarrier,
  lastResort: MailCarrier,
  mail: WaitingMail,
): Promise<void> {
  const { clock, log } = cluster;
  try {
    await carrier.carry(mail);
    takeOutOfOutbox(cluster, mail.id);
  } catch (err) {
    const attempts = mail.attempts + 1;
    if (attempts < MAX_ATTEMPTS && !isRefusedForGood(err)) {
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** mail.attempts);
      tryAgainAt(cluster, mail.id, clock.now() + pause);
      log.warn({ err, mail: mail.id, attempts }, 'a mail could not be sent; it will be tried again');
      return;
    }
    log.error({ err, mail: mail.id, attempts }, 'a mail cannot be sent; it is put into the outbox directory');
    await lastResort.carry(mail);
    takeOutOfOutbox(cluster, mail.id);
  }
}

/** An answer of 5xx to a recipient or a message does not change; one to who we are does, once that is mended. */
function isRefusedForGood(error: unknown): boolean {
  const { responseCode, code } = error as { readonly responseCode?: number; readonly code?: string };
  return (responseCode ?? 0) >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE');
}
