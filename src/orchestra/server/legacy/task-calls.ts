import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ownerOfName } from '../../names.ts';
import { Refusal } from '../../refusal.ts';
import { queueTable, taskTable } from '../../tables.ts';
import type { Cluster } from '../cluster.ts';
import { originOf } from '../operation/audited.ts';
import { tasksOf } from '../tasks/board.ts';
import { jobsOfQueue } from '../tasks/queue-board.ts';
import { checkQueue } from '../tasks/routes.ts';
import type { Orderer, TaskOrders } from '../tasks/task-orders.ts';
import { knownUser } from '../users/user.ts';
import { SUCCESS } from './answer.ts';
import { type Form, field } from './fields.ts';
import { actorAndUser, actorOfForm, formOf } from './form-request.ts';
import { newTaskFrom } from './new-task-form.ts';

/** The calls about tasks and queues. */
export function serveTaskCalls(wire: FastifyInstance, cluster: Cluster, orders: TaskOrders): void {
  const { store } = cluster;
  const listed = (request: FastifyRequest) => {
    const { user } = actorAndUser(cluster, formOf(request));
    return tasksOf(store, knownUser(store, user).id);
  };
  wire.post('/list-tasks', async (request) => ({
    error_code: 200,
    message: taskTable(listed(request)),
  }));
  wire.post('/list-tasks-py', async (request) => listed(request).map(({ name }) => name));
  wire.post('/queue', async (request) => {
    const form = formOf(request);
    actorOfForm(cluster, form);
    const queue = field(form, 'name');
    checkQueue(cluster, queue);
    return { error_code: 200, message: queueTable(jobsOfQueue(store, queue)) };
  });
  const order = (path: string, carryOut: (by: Orderer, form: Form) => void): void => {
    wire.post(path, async (request) => {
      const form = formOf(request);
      const { actor, user } = actorAndUser(cluster, form);
      checkIsTheirs(user, field(form, 'taskname'));
      carryOut({ actor, origin: originOf(actor, request) }, form);
      return SUCCESS;
    });
  };
  order('/create-task', (by, form) => orders.create(by, newTaskFrom(form)));
  order('/delete-task', (by, form) => orders.delete(by, field(form, 'taskname')));
  order('/retry-task', (by, form) => orders.retry(by, field(form, 'taskname')));
  order('/kill-task', (by, form) => orders.kill(by, field(form, 'taskname')));
}

/** The name of a task says whose it is, and so does the form. */
function checkIsTheirs(user: string, task: string): void {
  const owner = ownerOfName(task, 'task');
  if (owner !== user)
    throw new Refusal('forbidden', `the task ${task} would belong to ${owner}, not to ${user}`);
}
