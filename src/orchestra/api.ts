/**
 * What the cluster answers, in one place: the server validates by it, the client is typed by it, and the OpenAPI
 * document is made of it.
 */
export * as datasetRoutes from './api/datasets.ts';
export * as taskRoutes from './api/tasks.ts';
export * as userRoutes from './api/users.ts';
