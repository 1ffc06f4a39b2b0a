import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { SMTPServer } from 'smtp-server';
import type { Cluster } from '../../../../src/orchestra/server/cluster.ts';
import {
  fileCarrier,
  type MailCarrier,
  smtpCarrier,
} from '../../../../src/orchestra/server/mail/mail-carrier.ts';
import {
  mailsDue,
  nextMailAt,
  putIntoOutbox,
  tellAdministrators,
} from '../../../../src/orchestra/server/mail/outbox.ts';
import { openPostOffice, postOffice } from '../../../../src/orchestra/server/mail/post-office.ts';
import { handClock } from '../../../fakes/hand-clock.ts';
import { temporaryCluster } from '../temporary-cluster.ts';

const letter = { subject: 'user.ada.fit: done', body: 'Dear ada,\n\nit is done.\n' };

function clusterOf(test: TestContext, changes: Partial<Cluster> = {}) {
  const cluster = temporaryCluster();
  test.after(() => cluster.remove());
  return { ...cluster, ...changes };
}

/** A carrier that keeps what it carries, and fails as often as it is told to, with an error of the caller's. */
function memoryCarrier(failures: Error[] = []) {
  const carried: { readonly recipient: string; readonly subject: string }[] = [];
  const carrier: MailCarrier = {
    async carry(mail) {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      carried.push(mail);
    },
  };
  return { carrier, carried };
}

interface Received {
  readonly to: string;
  readonly text: string;
}

/** An SMTP server that keeps what it receives, and refuses recipients whose address says so. */
async function smtpServer(test: TestContext) {
  const received: Received[] = [];
  let announce = (_: Received): void => {};
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onRcptTo({ address }, _session, answer) {
      const refusal = Object.assign(new Error('no such user'), { responseCode: 550 });
      answer(address.startsWith('nobody') ? refusal : null);
    },
    onData(stream, session, answer) {
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.on('end', () => {
        const mail = { to: session.envelope.rcptTo[0]!.address, text };
        received.push(mail);
        answer(null);
        announce(mail);
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  test.after(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = server.server.address() as AddressInfo;
  const next = () => new Promise<Received>((resolve) => (announce = resolve));
  return { port, received, next };
}

describe('the post office', () => {
  it('sends mails to an SMTP server, once each', async (test) => {
    const { port, next, received } = await smtpServer(test);
    const cluster = clusterOf(test);
    const smtp = { host: '127.0.0.1', port };
    const config = { ...cluster.config, mail: { from: 'maestro@lab.example', admins: [], smtp } };
    putIntoOutbox(cluster, 'ada@lab.example', letter);
    const arrives = next();
    const office = openPostOffice({ ...cluster, config });
    const mail = await arrives;
    await office.close();
    assert.equal(mail.to, 'ada@lab.example');
    assert.match(mail.text, /^From: maestro@lab\.example\r$/m);
    assert.match(mail.text, /^Subject: user\.ada\.fit: done\r$/m);
    assert.match(mail.text, /^Message-ID: <maestro-\d+-1@lab\.example>\r$/m);
    assert.match(mail.text, /it is done\./);
    assert.equal(nextMailAt(cluster), undefined);
    assert.equal(received.length, 1);
  });

  it('puts mails into the outbox directory where no SMTP server is configured', async (test) => {
    const cluster = clusterOf(test);
    putIntoOutbox(cluster, 'ada@lab.example', letter);
    putIntoOutbox(cluster, '', letter);
    const office = openPostOffice(cluster);
    await office.close();
    const files = readdirSync(cluster.directory.outbox);
    assert.deepEqual(files, ['1.eml']);
    assert.match(readFileSync(`${cluster.directory.outbox}/1.eml`, 'utf8'), /^To: ada@lab\.example\r$/m);
  });

  it('lets no address or subject add a header', async (test) => {
    const cluster = clusterOf(test);
    putIntoOutbox(cluster, 'ada@lab.example\r\nBcc: eve@evil.example', {
      subject: 'x\r\nBcc: eve@evil.example',
      body: 'y',
    });
    await openPostOffice(cluster).close();
    const text = readFileSync(`${cluster.directory.outbox}/1.eml`, 'utf8');
    assert.doesNotMatch(text, /^Bcc:/m);
  });

  it('tries again after pauses that grow, and never gives a mail up for lost', async (test) => {
    const clock = handClock();
    const cluster = clusterOf(test, { clock });
    const { carrier, carried } = memoryCarrier(Array.from({ length: 20 }, () => new Error('no route')));
    const last = memoryCarrier();
    putIntoOutbox(cluster, 'ada@lab.example', letter);
    const office = postOffice(cluster, carrier, last.carrier);
    await clock.advance(0);
    assert.deepEqual(mailsDue(cluster, clock.now(), 9), []);
    assert.equal(nextMailAt(cluster), clock.now() + 60_000);
    await clock.advance(60_000);
    assert.equal(nextMailAt(cluster), clock.now() + 120_000);
    await clock.advance(3 * 24 * 60 * 60_000);
    assert.equal(carried.length, 0);
    assert.equal(last.carried.length, 1);
    assert.equal(nextMailAt(cluster), undefined);
    await office.close();
  });

  it('sends a mail once the trouble is over', async (test) => {
    const clock = handClock();
    const cluster = clusterOf(test, { clock });
    const { carrier, carried } = memoryCarrier([new Error('greylisted')]);
    putIntoOutbox(cluster, 'ada@lab.example', letter);
    const office = postOffice(cluster, carrier, memoryCarrier().carrier);
    await clock.advance(60_000);
    assert.deepEqual(
      carried.map(({ recipient }) => recipient),
      ['ada@lab.example'],
    );
    await office.close();
  });

  it('does not try again where the server refuses the recipient for good, and goes on with the next', async (test) => {
    const { port, next } = await smtpServer(test);
    const cluster = clusterOf(test);
    putIntoOutbox(cluster, 'nobody@lab.example', letter);
    putIntoOutbox(cluster, 'ada@lab.example', letter);
    const arrives = next();
    const carrier = smtpCarrier(cluster.config, { host: '127.0.0.1', port });
    const office = postOffice(cluster, carrier, fileCarrier(cluster));
    assert.equal((await arrives).to, 'ada@lab.example');
    await office.close();
    assert.deepEqual(readdirSync(cluster.directory.outbox), ['1.eml']);
    assert.equal(nextMailAt(cluster), undefined);
  });

  it('tells every administrator', (test) => {
    const cluster = clusterOf(test);
    const mail = { ...cluster.config.mail, admins: ['a@lab.example', 'b@lab.example'] };
    tellAdministrators({ ...cluster, config: { ...cluster.config, mail } }, letter);
    assert.equal(mailsDue(cluster, cluster.clock.now(), 9).length, 2);
  });
});
